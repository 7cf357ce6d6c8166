//! What can go wrong when the shape of a cloud is asked for.

/// Why a topology computation stopped.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TopologyError {
    /// A coordinate is NaN or infinite.
    #[error(
        "the coordinate in row {row}, column {column} is {value}: distances need finite numbers; remove or impute that row"
    )]
    NotFinite {
        /// Row of the input, from 0.
        row: usize,
        /// Column of the input, from 0.
        column: usize,
        /// The value found.
        value: f64,
    },
    /// A coordinate is finite but so large that distances overflow.
    #[error(
        "the coordinate in row {row}, column {column} is {value:e}, too large for distances: rescale the column below 1e37"
    )]
    TooLarge {
        /// Row of the input, from 0.
        row: usize,
        /// Column of the input, from 0.
        column: usize,
        /// The value found.
        value: f64,
    },
    /// There are no points.
    #[error("there are no points: persistence needs at least one row")]
    NoPoints,
    /// There are no columns.
    #[error("the {rows} points have no columns: choose at least one column")]
    NoColumns {
        /// Rows of the input.
        rows: usize,
    },
    /// The threshold is negative or not a number.
    #[error(
        "the threshold {0} is not a distance: give a number of at least 0, or none for the enclosing radius"
    )]
    BadThreshold(f64),
    /// The highest homological dimension asked for is not offered.
    #[error("homology in dimension {0} is not offered: ask for a highest dimension of 0, 1 or 2")]
    BadDimension(u8),
    /// More points than may be treated, and landmarks were not allowed or not asked for.
    #[error(
        "{points} points would need about {predicted_mb} MB, more than the {limit} points handled without being asked: \
         choose landmarks (5000 points spread over the cloud) or fewer rows"
    )]
    TooManyPoints {
        /// Points of the input.
        points: usize,
        /// The most that is treated.
        limit: usize,
        /// Memory the full computation is predicted to need, megabytes.
        predicted_mb: u64,
    },
    /// The computation would need more memory than allowed.
    #[error(
        "{points} points up to dimension {max_dim} are predicted to need {} MB, more than the budget of {} MB: \
         choose landmarks ({} would fit), a lower dimension, or a larger budget",
        predicted_bytes.div_ceil(1_000_000), budget_bytes / 1_000_000, fit_within(*budget_bytes, *max_dim)
    )]
    Memory {
        /// Points after merging duplicates.
        points: usize,
        /// Highest homological dimension asked for.
        max_dim: u8,
        /// Predicted peak, bytes.
        predicted_bytes: u64,
        /// Allowed, bytes.
        budget_bytes: u64,
    },
    /// The choice of columns, scaling or weights cannot be.
    #[error("{0}")]
    Choice(String),
    /// Two matrices that must have the same shape do not.
    #[error(
        "A is {a_rows} x {a_cols} but B is {b_rows} x {b_cols}: both passes need the same turns and columns"
    )]
    Shapes {
        /// Rows of A.
        a_rows: usize,
        /// Columns of A.
        a_cols: usize,
        /// Rows of B.
        b_rows: usize,
        /// Columns of B.
        b_cols: usize,
    },
    /// A null distribution needs at least one draw.
    #[error("a p-value needs at least one null field: ask for 1 or more (199 by default)")]
    NoNulls,
    /// The caller asked to stop.
    #[error("the topology computation was cancelled")]
    Cancelled,
}

/// Most points whose predicted peak is within the budget.
fn fit_within(budget_bytes: u64, max_dim: u8) -> usize {
    let (mut fits, mut too_many) = (0, super::analysis::MAX_POINTS + 1);
    while too_many - fits > 1 {
        let middle = (fits + too_many) / 2;
        if super::analysis::predicted_bytes(middle, max_dim) <= budget_bytes {
            fits = middle;
        } else {
            too_many = middle;
        }
    }
    fits
}

//! What can go wrong when a figure is drawn: each error says what is missing and what to do.

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// The run lacks what the kind draws.
    #[error("the {kind} figure needs {what}, which run \"{run}\" does not have; {hint}")]
    Missing {
        /// Kind of figure.
        kind: &'static str,
        /// What the run lacks.
        what: String,
        /// The run's title.
        run: String,
        /// What to do.
        hint: &'static str,
    },
    /// The spec asks for something that does not exist.
    #[error("the figure's {field} \"{value}\" is not known; {hint}")]
    Spec {
        /// Field of the spec.
        field: &'static str,
        /// The value given.
        value: String,
        /// What is possible.
        hint: String,
    },
    /// The size cannot be drawn, or leaves no room for the kind's content.
    #[error(
        "this figure cannot be drawn on {width} x {height} px; make it larger, each side at most 16384 px"
    )]
    Size {
        /// Width in px.
        width: i64,
        /// Height in px.
        height: i64,
    },
    /// The kind cannot be written in that format.
    #[error("the {kind} figure cannot be written as {format}; {hint}")]
    Format {
        /// Kind of figure.
        kind: &'static str,
        /// Format asked for.
        format: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// An encoder refused.
    #[error("the figure could not be encoded as {format}: {why}")]
    Encode {
        /// Format being written.
        format: &'static str,
        /// The encoder's words.
        why: String,
    },
    /// A field could not be drawn.
    #[error(transparent)]
    Field(#[from] crate::field::vpm::VpmError),
    /// A chart could not be laid out.
    #[error("the {kind} chart could not be laid out: {why}")]
    Chart {
        /// Kind of figure.
        kind: &'static str,
        /// The chart library's words.
        why: String,
    },
}

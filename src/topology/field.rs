//! The cloud that is made of a difference field: chosen columns of the turns that have them all.

use super::error::TopologyError;
use super::points::Points;
use crate::core::bar::Cycle;
use crate::core::cloud::CloudChoice;
use crate::core::matrix::Matrix;
use crate::core::{scm, stats};

/// D, A and B on the chosen columns, and the turns they come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Full names of the columns, in the order chosen.
    pub columns: Vec<String>,
    /// Rows of the run that have every chosen column, ascending.
    pub rows: Vec<usize>,
    /// Rows left out because a value is missing.
    pub left_out: usize,
    /// A - B, scaled as chosen.
    pub d: Points,
    /// A, scaled by the same factors.
    pub a: Points,
    /// B, scaled by the same factors.
    pub b: Points,
}

impl Field {
    /// The cloud of a field `[turns, 12]` and its two passes of the same shape. Columns are scaled, not centred: a shift
    /// changes no distance, and the sign of D must keep its meaning.
    ///
    /// Columns chosen by nobody (the default, without weights) may be missing altogether; then the others make the cloud.
    ///
    /// Errors on a choice that cannot be, on passes of other shapes, and when no turn has every column.
    pub fn new(choice: &CloudChoice, d: &Matrix, a: &Matrix, b: &Matrix) -> Result<Self, TopologyError> {
        let mut columns = choice.indices().map_err(TopologyError::Choice)?;
        if choice.columns.is_empty() && choice.weights.is_empty() {
            // Nobody asked for these columns by name, so one that no turn has (a dimension nobody judged) is left out.
            let present = |c: &usize| (0..d.rows()).any(|r| d.get(r, *c).is_finite());
            let there: Vec<usize> = columns.iter().copied().filter(present).collect();
            if !there.is_empty() {
                columns = there;
            }
        }
        for m in [a, b] {
            if (m.rows(), m.cols()) != (d.rows(), d.cols()) {
                return Err(TopologyError::Shapes {
                    a_rows: a.rows(),
                    a_cols: a.cols(),
                    b_rows: b.rows(),
                    b_cols: b.cols(),
                });
            }
        }
        let has_all = |r: &usize| columns.iter().all(|c| d.get(*r, *c).is_finite());
        let rows: Vec<usize> = (0..d.rows()).filter(has_all).collect();
        if rows.is_empty() {
            let missing = |c: &&usize| (0..d.rows()).all(|r| !d.get(r, **c).is_finite());
            let names: Vec<&str> = columns.iter().filter(missing).map(|c| scm::SHORT[*c]).collect();
            let which = if names.is_empty() { "one of them".to_owned() } else { names.join(", ") };
            return Err(TopologyError::Choice(format!(
                "no turn has a value in every chosen column ({which} is missing everywhere); choose other columns"
            )));
        }
        let column = |c: usize| rows.iter().map(|r| f64::from(d.get(*r, columns[c]))).collect::<Vec<f64>>();
        let factors = choice.factors(columns.len(), |c| stats::std_dev(&column(c)));
        let cloud = |m: &Matrix| {
            let cell = |r: &usize, (c, f): (&usize, &f64)| f * f64::from(m.get(*r, *c));
            let data = rows.iter().flat_map(|r| columns.iter().zip(&factors).map(move |cf| cell(r, cf)));
            Ok::<_, TopologyError>(
                Points::new(rows.len(), columns.len(), data.collect())?.with_metric(choice.metric),
            )
        };
        Ok(Self {
            columns: columns.iter().map(|c| scm::COLUMNS[*c].to_owned()).collect(),
            left_out: d.rows() - rows.len(),
            d: cloud(d)?,
            a: cloud(a)?,
            b: cloud(b)?,
            rows,
        })
    }

    /// A cycle whose vertices are rows of the run.
    pub fn in_run_rows(&self, cycle: &Cycle) -> Cycle {
        let row = |v: u32| self.rows.get(v as usize).map_or(v, |r| *r as u32);
        Cycle {
            bar: cycle.bar,
            vertices: cycle.vertices.iter().map(|v| row(*v)).collect(),
            edges: cycle.edges.iter().map(|e| [row(e[0]), row(e[1])]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::metric::Metric;

    fn passes() -> (Matrix, Matrix, Matrix) {
        let a = Matrix::from_fn(6, 12, |r, c| (r * (c + 1)) as f32 * 0.1);
        let b = Matrix::from_fn(6, 12, |r, c| (r + c) as f32 * 0.05);
        let d = Matrix::from_fn(6, 12, |r, c| a.get(r, c) - b.get(r, c));
        (d, a, b)
    }

    #[test]
    fn the_declared_cloud_is_the_five_scores_as_they_are() {
        let (mut d, a, b) = passes();
        d.set(2, 1, f32::NAN);
        let f = Field::new(&CloudChoice::default(), &d, &a, &b).unwrap();
        assert_eq!((f.rows.clone(), f.left_out, f.d.dim()), (vec![0, 1, 3, 4, 5], 1, 5));
        assert_eq!(f.d.row(2)[4], f64::from(d.get(3, 4)));
        let cycle = Cycle { bar: 0, vertices: vec![2, 3], edges: vec![[2, 3]] };
        assert_eq!(f.in_run_rows(&cycle).vertices, vec![3, 4]);
    }

    #[test]
    fn standardising_and_weights_scale_d_a_and_b_alike() {
        let (d, a, b) = passes();
        let choice = CloudChoice {
            columns: vec!["clarity".into(), "aggregate".into()],
            standardise: true,
            weights: vec![1.0, 3.0],
            metric: Metric::Manhattan,
        };
        let f = Field::new(&choice, &d, &a, &b).unwrap();
        let column = |p: &Points, c: usize| (0..6).map(|r| p.row(r)[c]).collect::<Vec<f64>>();
        assert!((stats::std_dev(&column(&f.d, 0)).unwrap() - 1.0).abs() < 1e-9);
        assert!((stats::std_dev(&column(&f.d, 1)).unwrap() - 3.0).abs() < 1e-9);
        for (r, c) in [(1, 0), (4, 1)] {
            assert!((f.a.row(r)[c] - f.b.row(r)[c] - f.d.row(r)[c]).abs() < 1e-6);
        }
        assert_eq!(f.d.metric(), Metric::Manhattan);
    }

    #[test]
    fn a_column_missing_everywhere_is_named() {
        let (mut d, a, b) = passes();
        (0..6).for_each(|r| d.set(r, scm::OOD, f32::NAN));
        let choice = CloudChoice { columns: vec!["ood".into(), "clarity".into()], ..CloudChoice::default() };
        let said = Field::new(&choice, &d, &a, &b).unwrap_err().to_string();
        assert!(said.contains("ood is missing everywhere"), "{said}");
    }

    #[test]
    fn a_dimension_that_no_turn_has_leaves_the_default_cloud_the_others() {
        let (mut d, a, b) = passes();
        (0..6).for_each(|r| d.set(r, 2, f32::NAN));
        let f = Field::new(&CloudChoice::default(), &d, &a, &b).unwrap();
        assert_eq!((f.d.dim(), f.rows.len(), f.left_out), (4, 6, 0));
        assert!(!f.columns.contains(&scm::COLUMNS[2].to_owned()));
        let weighted = CloudChoice { weights: vec![1.0; 5], ..CloudChoice::default() };
        assert!(Field::new(&weighted, &d, &a, &b).is_err());
    }
}

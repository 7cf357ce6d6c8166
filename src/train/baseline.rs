//! The simple models a scorer must beat: the constant mean, and ridge regression on the same embeddings, alone and with
//! everything else that the scorers read.

use super::data::TrainData;
use super::ridge::{Features, Fit, Labelled, column_means};
use crate::core::matrix::Matrix;
use crate::core::turn::Split;
use std::collections::BTreeMap;

/// What the baselines say of every turn, `[turns, models]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Baselines {
    /// The mean judgement of the training turns.
    pub mean: Matrix,
    /// Ridge regression on goal and response embeddings, clipped to \[0,1\].
    pub ridge: Matrix,
    /// Ridge regression that also gets the embeddings of context and answer before and the measurements of the texts:
    /// all that the scorers read. Cross-validation chooses for each model between all of it and goal, answer and
    /// measurements only. Equal to `ridge` where there is nothing beside goal and answer.
    pub ridge_all: Matrix,
    /// Penalty chosen for each model of `ridge`.
    pub penalty: Vec<f64>,
}

/// Fits all on the training turns (penalties by cross-validation over whole training conversations) and predicts all
/// turns.
pub fn baselines(data: &TrainData) -> Baselines {
    let (n, models, d) = (data.turns(), data.models(), data.embedding());
    let training = data.rows_of(Split::Train);
    let group = groups(data);
    let label = |m: usize| Labelled::new(&training, |r| f64::from(data.targets.get(r, m)), |r| group[r]);
    let targets: Vec<Labelled> = (0..models).map(label).collect();
    let mean = |m: usize| crate::core::stats::mean(&targets[m].values).unwrap_or(f64::NAN) as f32;
    let means: Vec<f32> = (0..models).map(mean).collect();
    let plain = Model::fit(data, &training, &targets, Reads::Texts);
    let mut ridge_all = plain.said(n);
    if data.x.cols() > d {
        let some = Model::fit(data, &training, &targets, Reads::Measures);
        let all = Model::fit(data, &training, &targets, Reads::All);
        let (said_some, said_all) = (some.said(n), all.said(n));
        ridge_all = Matrix::from_fn(n, models, |r, m| {
            if all.fits[m].error < some.fits[m].error { said_all.get(r, m) } else { said_some.get(r, m) }
        });
    }
    Baselines {
        mean: Matrix::from_fn(n, models, |_, m| means[m]),
        penalty: plain.fits.iter().map(|f| f.penalty).collect(),
        ridge: plain.said(n),
        ridge_all,
    }
}

/// What a ridge model reads.
#[derive(Clone, Copy, PartialEq)]
enum Reads {
    /// Goal and answer.
    Texts,
    /// Goal, answer and measurements.
    Measures,
    /// These, the context and the answer before.
    All,
}

struct Model {
    features: Features,
    fits: Vec<Fit>,
}

impl Model {
    fn fit(data: &TrainData, training: &[usize], targets: &[Labelled], reads: Reads) -> Self {
        let d = data.embedding();
        let k = if reads == Reads::Texts { 0 } else { data.measures() };
        let row = |r: usize| {
            let x = data.x.row(r);
            let texts = if reads == Reads::All { &x[..x.len() - k] } else { &x[..d] };
            let measured = &x[x.len() - k..];
            let numbers = |v: &[f32]| v.iter().map(|v| f64::from(*v)).collect::<Vec<f64>>();
            [numbers(measured), numbers(texts), numbers(data.y.row(r))].concat()
        };
        let mut rows: Vec<Vec<f64>> = (0..data.turns()).map(row).collect();
        standardise(&mut rows, training, k);
        let features = Features::centred(rows, training);
        let fits = features.fit(targets);
        Self { features, fits }
    }

    fn said(&self, turns: usize) -> Matrix {
        Matrix::from_fn(turns, self.fits.len(), |r, m| {
            self.fits[m].predict(&self.features, r).clamp(0.0, 1.0) as f32
        })
    }
}

/// Brings the first `k` columns, which have units, to mean 0 and together to the mean square of one embedding.
fn standardise(rows: &mut [Vec<f64>], training: &[usize], k: usize) {
    let mean = column_means(rows, training);
    let squares: Vec<Vec<f64>> =
        rows.iter().map(|r| r.iter().zip(&mean).take(k).map(|(v, m)| (v - m).powi(2)).collect()).collect();
    let variance = column_means(&squares, training);
    for row in rows {
        for ((v, m), s) in row.iter_mut().zip(&mean).zip(&variance) {
            *v = if *s > 1e-12 { (*v - m) / (s * k as f64).sqrt() } else { 0.0 };
        }
    }
}

fn groups(data: &TrainData) -> Vec<usize> {
    let mut known: BTreeMap<&String, usize> = BTreeMap::new();
    let number = |c| {
        let next = known.len();
        *known.entry(c).or_insert(next)
    };
    data.conversations.iter().map(number).collect()
}

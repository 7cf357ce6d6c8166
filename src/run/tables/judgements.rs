//! `judgements.parquet`: one row a judgement, all judges.

use super::columns::{read_numbers, read_optional_text, read_text, text, wide_numbers};
use super::{TableError, parquet};
use crate::core::dimension::Dimension;
use crate::core::turn::Judgement;

/// Parquet bytes of judgements.
///
/// # Errors
/// [`TableError::Value`] for a score outside 0-100.
pub fn to_parquet(judgements: &[Judgement]) -> Result<Vec<u8>, TableError> {
    for (row, j) in judgements.iter().enumerate() {
        check("judgements.parquet", row, j.score)?;
    }
    let plain =
        |name, get: fn(&Judgement) -> &str| text(name, &judgements.iter().map(get).collect::<Vec<_>>());
    let columns = vec![
        plain("turn_id", |j| &j.turn_id),
        plain("dimension", |j| j.dimension.name()),
        wide_numbers("score", &judgements.iter().map(|j| j.score).collect::<Vec<_>>()),
        wide_numbers("score01", &judgements.iter().map(Judgement::score01).collect::<Vec<_>>()),
        plain("rationale", |j| &j.rationale),
        plain("judge", |j| &j.judge),
    ];
    parquet::to_bytes("judgements.parquet", columns)
}

/// Judgements from Parquet bytes; `file` names them in messages.
///
/// # Errors
/// [`TableError`].
pub fn from_parquet(file: &str, bytes: &[u8]) -> Result<Vec<Judgement>, TableError> {
    let frame = parquet::from_bytes(file, bytes)?;
    let ids = read_text(file, &frame, "turn_id")?;
    let dimensions = read_text(file, &frame, "dimension")?;
    let scores = read_numbers(file, &frame, "score")?;
    let rationales = read_optional_text(file, &frame, "rationale")?;
    let judges = read_text(file, &frame, "judge")?;
    let rows = ids.into_iter().zip(dimensions).zip(scores).zip(rationales).zip(judges).enumerate();
    rows.map(|(row, ((((turn_id, dimension), score), rationale), judge))| {
        check(file, row, score)?;
        let dimension = Dimension::from_name(&dimension).ok_or_else(|| {
            TableError::value(
                file,
                row,
                "dimension",
                format!("there is no dimension `{dimension}`; correct it"),
            )
        })?;
        Ok(Judgement { turn_id, dimension, score, rationale: rationale.unwrap_or_default(), judge })
    })
    .collect()
}

fn check(file: &str, row: usize, score: f64) -> Result<(), TableError> {
    if (0.0..=100.0).contains(&score) {
        return Ok(());
    }
    Err(TableError::value(
        file,
        row,
        "score",
        format!("{score} is no score from 0 to 100; correct or remove it"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements_read_back_and_impossible_scores_are_refused() {
        let mut all: Vec<_> = Dimension::ALL
            .into_iter()
            .map(|dimension| Judgement {
                turn_id: "a".to_owned(),
                dimension,
                score: 83.5,
                rationale: "r".to_owned(),
                judge: "judge-1".to_owned(),
            })
            .collect();
        assert_eq!(from_parquet("j", &to_parquet(&all).unwrap()).unwrap(), all);
        all[1].score = f64::NAN;
        let error = to_parquet(&all).unwrap_err().to_string();
        assert!(error.starts_with("row 2, column `score`"), "{error}");
    }
}

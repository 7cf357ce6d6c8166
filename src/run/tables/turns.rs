//! `turns.parquet`: one row a turn, in the row order of the run.

use super::columns::{integers, optional_text, read_integers, read_optional_text, read_text, text};
use super::{TableError, parquet};
use crate::core::turn::Turn;

/// Parquet bytes of turns.
///
/// # Errors
/// [`TableError::Shape`] (never for turns made by this product).
pub fn to_parquet(turns: &[Turn]) -> Result<Vec<u8>, TableError> {
    let plain = |name, get: fn(&Turn) -> &str| text(name, &turns.iter().map(get).collect::<Vec<_>>());
    let gaps = |name, get: fn(&Turn) -> Option<&str>| {
        optional_text(name, &turns.iter().map(get).collect::<Vec<_>>())
    };
    let columns = vec![
        plain("turn_id", |t| &t.turn_id),
        plain("conversation_id", |t| &t.conversation_id),
        plain("title", |t| &t.title),
        integers("turn_index", &turns.iter().map(|t| t.turn_index).collect::<Vec<_>>()),
        plain("goal_text", |t| &t.goal_text),
        plain("response_text", |t| &t.response_text),
        gaps("context", |t| t.context.as_deref()),
        gaps("created_at", |t| t.created_at.as_deref()),
        plain("source", |t| &t.source),
        gaps("model", |t| t.model.as_deref()),
        gaps("meta", |t| t.meta.as_deref()),
    ];
    parquet::to_bytes("turns.parquet", columns)
}

/// Turns from Parquet bytes; `file` names them in messages.
///
/// # Errors
/// [`TableError`].
pub fn from_parquet(file: &str, bytes: &[u8]) -> Result<Vec<Turn>, TableError> {
    let frame = parquet::from_bytes(file, bytes)?;
    let mut turns: Vec<Turn> = read_text(file, &frame, "turn_id")?
        .into_iter()
        .map(|turn_id| Turn { turn_id, ..Turn::default() })
        .collect();
    let mut text = |name, set: fn(&mut Turn, String)| -> Result<(), TableError> {
        turns.iter_mut().zip(read_text(file, &frame, name)?).for_each(|(turn, value)| set(turn, value));
        Ok(())
    };
    text("conversation_id", |t, v| t.conversation_id = v)?;
    text("title", |t, v| t.title = v)?;
    text("goal_text", |t, v| t.goal_text = v)?;
    text("response_text", |t, v| t.response_text = v)?;
    text("source", |t, v| t.source = v)?;
    let mut gaps = |name, set: fn(&mut Turn, Option<String>)| -> Result<(), TableError> {
        turns
            .iter_mut()
            .zip(read_optional_text(file, &frame, name)?)
            .for_each(|(turn, value)| set(turn, value));
        Ok(())
    };
    gaps("context", |t, v| t.context = v)?;
    gaps("created_at", |t, v| t.created_at = v)?;
    gaps("model", |t, v| t.model = v)?;
    gaps("meta", |t, v| t.meta = v)?;
    for (turn, index) in turns.iter_mut().zip(read_integers(file, &frame, "turn_index")?) {
        turn.turn_index = index;
    }
    Ok(turns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_read_back_as_they_were() {
        let turns = vec![
            Turn {
                turn_id: "a-1".to_owned(),
                conversation_id: "a".to_owned(),
                title: "Größe \u{1F680}".to_owned(),
                turn_index: -1,
                goal_text: "line\nline".to_owned(),
                response_text: String::new(),
                context: Some("given".to_owned()),
                created_at: Some("2026-01-01T00:00:00Z".to_owned()),
                source: "test".to_owned(),
                model: None,
                meta: Some("{\"a\":1}".to_owned()),
            },
            Turn { turn_id: "a-2".to_owned(), ..Turn::default() },
        ];
        let bytes = to_parquet(&turns).unwrap();
        assert_eq!(from_parquet("t", &bytes).unwrap(), turns);
        assert_eq!(bytes, to_parquet(&turns).unwrap());
        assert!(from_parquet("t", &to_parquet(&[]).unwrap()).unwrap().is_empty());
    }

    #[test]
    fn another_table_is_refused_by_the_column_it_lacks() {
        let other = parquet::to_bytes("x", vec![text("turn_id", &["a"])]).unwrap();
        let error = from_parquet("turns.parquet", &other).unwrap_err().to_string();
        assert!(error.contains("no column `conversation_id` (it has turn_id)"), "{error}");
    }
}

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
    let plain = |name| read_text(file, &frame, name).map(Vec::into_iter);
    let gaps = |name| read_optional_text(file, &frame, name).map(Vec::into_iter);
    let (mut turn_id, mut conversation_id, mut title) =
        (plain("turn_id")?, plain("conversation_id")?, plain("title")?);
    let mut turn_index = read_integers(file, &frame, "turn_index")?.into_iter();
    let (mut goal, mut response, mut source) =
        (plain("goal_text")?, plain("response_text")?, plain("source")?);
    let (mut context, mut created_at) = (gaps("context")?, gaps("created_at")?);
    let (mut model, mut meta) = (gaps("model")?, gaps("meta")?);
    let mut turns = Vec::with_capacity(frame.height());
    while let Some(turn_id) = turn_id.next() {
        turns.push(Turn {
            turn_id,
            conversation_id: conversation_id.next().unwrap_or_default(),
            title: title.next().unwrap_or_default(),
            turn_index: turn_index.next().unwrap_or_default(),
            goal_text: goal.next().unwrap_or_default(),
            response_text: response.next().unwrap_or_default(),
            context: context.next().flatten(),
            created_at: created_at.next().flatten(),
            source: source.next().unwrap_or_default(),
            model: model.next().flatten(),
            meta: meta.next().flatten(),
        });
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

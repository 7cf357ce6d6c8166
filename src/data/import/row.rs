//! A row of any table format: named cells, with the line or row where it stands.

use super::error::Problem;
use serde_json::Value;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What is done with each row: go on, stop early, or refuse the table.
pub type Visit<'a> = dyn FnMut(Row) -> Result<ControlFlow<()>, Problem> + 'a;

/// The value of one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Text.
    Text(String),
    /// A number, possibly NaN (Parquet).
    Number(f64),
    /// A list, in JSON.
    Json(Value),
    /// Something of a type that cannot be read here (Parquet), with what the reader said.
    Unreadable(Arc<str>),
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Line (text formats) or row (Parquet), from 1.
    pub number: u64,
    /// Column name and value, in the order of the file.
    pub cells: Vec<(Arc<str>, Cell)>,
}

impl Row {
    /// The value of a column; `None` when the row does not have it.
    pub fn get(&self, column: &str) -> Option<&Cell> {
        self.cells.iter().find(|(name, _)| &**name == column).map(|(_, cell)| cell)
    }

    /// The text of a column; `None` when absent, null or blank.
    pub fn text(&self, column: Option<&String>) -> Option<String> {
        self.get(column?)?.text()
    }
}

impl Cell {
    /// As text; `None` when null or blank.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Null | Self::Unreadable(_) => None,
            Self::Text(text) if text.trim().is_empty() => None,
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Json(value) => Some(value.to_string()),
        }
    }

    /// As a number; `Ok(None)` when there is none.
    ///
    /// # Errors
    /// What stands there when it is no finite number.
    pub fn number(&self) -> Result<Option<f64>, String> {
        let number = match self {
            Self::Null => return Ok(None),
            Self::Number(number) => *number,
            Self::Text(text) => {
                let text = text.trim();
                if ["", "null", "none", "na", "n/a"].contains(&text.to_lowercase().as_str()) {
                    return Ok(None);
                }
                text.parse::<f64>().map_err(|_| format!("`{}`", shorten(text)))?
            }
            Self::Json(value) => return Err(format!("`{}`", shorten(&value.to_string()))),
            Self::Unreadable(why) => return Err(format!("a value of an unknown type ({why})")),
        };
        if number.is_finite() { Ok(Some(number)) } else { Err(number.to_string()) }
    }

    /// As JSON, for `meta`.
    pub fn json(&self) -> Value {
        match self {
            Self::Null | Self::Unreadable(_) => Value::Null,
            Self::Text(text) => Value::from(text.as_str()),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Value::from(*number as i64)
            }
            Self::Number(number) => Value::from(*number),
            Self::Json(value) => value.clone(),
        }
    }
}

/// At most 60 characters of a text, for messages.
pub fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short.replace(['\n', '\r'], " ")
}

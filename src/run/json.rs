//! JSON as this product writes it: sorted keys, two spaces, a newline at the end, so equal values are equal bytes.

use super::error::RunError;
use serde::Serialize;
use serde_json::Value;

/// The bytes of a value with sorted keys. NaN and infinity become null.
///
/// # Errors
/// [`RunError::Encode`] when the value is none that JSON can hold (a map whose keys are not text).
pub fn to_bytes(what: &str, value: &impl Serialize) -> Result<Vec<u8>, RunError> {
    let failed = |e: serde_json::Error| RunError::Encode {
        what: what.to_owned(),
        format: "JSON",
        reason: e.to_string(),
    };
    let sorted = sorted(serde_json::to_value(value).map_err(failed)?);
    let mut bytes = serde_json::to_vec_pretty(&sorted).map_err(failed)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The same value with the keys of every object in order, whatever order its map type keeps.
pub fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<(String, Value)> = map.into_iter().collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(pairs.into_iter().map(|(k, v)| (k, sorted(v))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value = serde_json::json!({"b": 1, "a": [{"z": null, "c": f64::NAN}]});
        let text = String::from_utf8(to_bytes("test", &value).unwrap()).unwrap();
        assert_eq!(text.replace([' ', '\n'], ""), r#"{"a":[{"c":null,"z":null}],"b":1}"#);
        assert!(text.ends_with("}\n"));
    }
}

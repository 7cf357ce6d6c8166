//! `embeddings.safetensors`: the vectors of goals and responses, with the ids of their turns in the header.

use super::TableError;
use crate::core::matrix::Matrix;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// The header's only key: several would come out in an order that changes from write to write.
const KEY: &str = "gapfield";

/// Embeddings of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embeddings {
    /// Turn ids in row order.
    pub ids: Vec<String>,
    /// Who embedded ("static").
    pub provider: String,
    /// `[turns, width]` matrices by name ("goal", "response").
    pub tensors: BTreeMap<String, Matrix>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    ids: Vec<String>,
    provider: String,
}

/// Safetensors bytes.
///
/// # Errors
/// [`TableError::Shape`] when a matrix has another number of rows than there are ids, [`TableError::Value`] for a value
/// that is not finite.
pub fn to_safetensors(file: &str, embeddings: &Embeddings) -> Result<Vec<u8>, TableError> {
    let header = Header { ids: embeddings.ids.clone(), provider: embeddings.provider.clone() };
    let header = serde_json::to_string(&header).map_err(|e| TableError::shape(file, e))?;
    let mut raw = Vec::new();
    for (name, matrix) in &embeddings.tensors {
        if matrix.rows() != embeddings.ids.len() {
            let reason = format!("`{name}` has {} rows for {} ids", matrix.rows(), embeddings.ids.len());
            return Err(TableError::shape(file, reason));
        }
        if let Some(at) = matrix.data().iter().position(|v| !v.is_finite()) {
            let row = at / matrix.cols().max(1);
            return Err(TableError::value(file, row, name, "the embedding is not finite"));
        }
        let bytes: Vec<u8> = matrix.data().iter().flat_map(|v| v.to_le_bytes()).collect();
        raw.push((name.as_str(), vec![matrix.rows(), matrix.cols()], bytes));
    }
    let views = raw
        .iter()
        .map(|(name, shape, bytes)| Ok((*name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|e| TableError::shape(file, e))?;
    let info = HashMap::from([(KEY.to_owned(), header)]);
    safetensors::serialize(views, Some(info)).map_err(|e| TableError::shape(file, e))
}

/// Embeddings from safetensors bytes.
///
/// # Errors
/// [`TableError::Damaged`].
pub fn from_safetensors(file: &str, bytes: &[u8]) -> Result<Embeddings, TableError> {
    let damaged = |reason: &dyn std::fmt::Display| TableError::damaged(file, reason);
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|e| damaged(&e))?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| damaged(&e))?;
    let header = metadata
        .metadata()
        .as_ref()
        .and_then(|m| m.get(KEY))
        .ok_or_else(|| damaged(&"it has no turn ids"))?;
    let header: Header = serde_json::from_str(header).map_err(|e| damaged(&e))?;
    let mut embeddings = Embeddings { ids: header.ids, provider: header.provider, tensors: BTreeMap::new() };
    for (name, view) in tensors.iter() {
        let &[rows, cols] = view.shape() else { return Err(damaged(&format!("`{name}` is no matrix"))) };
        if view.dtype() != Dtype::F32 || rows != embeddings.ids.len() {
            return Err(damaged(&format!("`{name}` is no f32 matrix with one row a turn")));
        }
        let data: Vec<f32> = view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        if data.iter().any(|v| !v.is_finite()) {
            return Err(damaged(&format!("`{name}` holds values that are not finite")));
        }
        let matrix = Matrix::from_vec(rows, cols, data).ok_or_else(|| damaged(&"a matrix is cut off"))?;
        embeddings.tensors.insert(name.to_owned(), matrix);
    }
    Ok(embeddings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Embeddings {
        let matrix = |k: f32| Matrix::from_fn(3, 4, |r, c| k + r as f32 - c as f32);
        Embeddings {
            ids: vec!["a".to_owned(), "b".to_owned(), "c".to_owned()],
            provider: "static".to_owned(),
            tensors: BTreeMap::from([
                ("goal".to_owned(), matrix(0.5)),
                ("response".to_owned(), matrix(-1.25)),
            ]),
        }
    }

    #[test]
    fn embeddings_read_back_and_equal_ones_are_equal_bytes() {
        let bytes = to_safetensors("e", &sample()).unwrap();
        assert_eq!(from_safetensors("e", &bytes).unwrap(), sample());
        assert_eq!(bytes, to_safetensors("e", &sample()).unwrap());
    }

    #[test]
    fn damage_is_one_sentence_at_every_length() {
        let bytes = to_safetensors("e", &sample()).unwrap();
        for end in 0..bytes.len() {
            assert!(from_safetensors("e", &bytes[..end]).is_err(), "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0xFF;
            if let Err(error) = from_safetensors("e", &bytes) {
                assert!(!error.to_string().contains('\n'));
            }
        }
        let mut nan = sample();
        nan.tensors.insert("goal".to_owned(), Matrix::filled(3, 4, f32::NAN));
        assert!(to_safetensors("e", &nan).is_err());
    }
}

//! Weights on disk: safetensors with PyTorch's parameter names, one file a dimension, beside its `config.json`.

use super::params::{HostParams, HostTensor, Spec};
use super::scorer::ScorerConfig;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::{BTreeMap, HashMap};

/// What can be wrong with a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Not a safetensors file, or cut short.
    #[error("the weights cannot be read as safetensors ({0}); the file is damaged or of another kind")]
    Unreadable(#[from] safetensors::SafeTensorError),
    /// Another number type.
    #[error("parameter {0} is not stored as 32-bit floats; convert the checkpoint to float32")]
    NotFloat(String),
    /// Names that are missing or too many.
    #[error("the checkpoint does not fit this scorer; missing: {missing}; unexpected: {unexpected}")]
    Names {
        /// Names the scorer needs and the file lacks.
        missing: String,
        /// Names the file has and the scorer does not know.
        unexpected: String,
    },
    /// A parameter of another shape, as when the embeddings had another width.
    #[error(
        "parameter {name} has the shape {found:?} but this scorer needs {needed:?}; the checkpoint was made for another width"
    )]
    Shape {
        /// Parameter.
        name: String,
        /// Shape in the file.
        found: Vec<usize>,
        /// Shape needed.
        needed: Vec<usize>,
    },
    /// A weight that is not a number.
    #[error("parameter {0} holds numbers that are not finite; train the scorer again")]
    NotFinite(String),
    /// A PyTorch file that cannot be read.
    #[error(transparent)]
    Torch(#[from] super::torch::TorchError),
    /// `config.json` cannot be read.
    #[error("the scorer's config.json cannot be read ({0})")]
    Config(#[from] serde_json::Error),
}

/// One model (or a stack: then shapes gain a leading axis) as safetensors bytes; `note` goes into the file's header.
///
/// # Errors
/// When the writer of safetensors refuses, which well-formed parameters never cause.
pub fn to_bytes(params: &HostParams, note: &BTreeMap<String, String>) -> Result<Vec<u8>, CheckpointError> {
    let mut views = Vec::with_capacity(params.tensors.len());
    for (name, t) in &params.tensors {
        let mut shape = t.shape.clone();
        if params.models != 1 {
            shape.insert(0, params.models);
        }
        views.push((name.as_str(), TensorView::new(Dtype::F32, shape, bytemuck::cast_slice(&t.data))?));
    }
    // One entry at most: the header's map has no order, and the bytes must be the same every time.
    let header: HashMap<String, String> = if note.is_empty() {
        HashMap::new()
    } else {
        HashMap::from([("gapfield".to_owned(), serde_json::to_string(note)?)])
    };
    Ok(safetensors::serialize(views, (!header.is_empty()).then_some(header))?)
}

/// The note in a file's header; empty when there is none.
///
/// # Errors
/// When the bytes are not safetensors.
pub fn note(bytes: &[u8]) -> Result<BTreeMap<String, String>, CheckpointError> {
    let (_, meta) = SafeTensors::read_metadata(bytes)?;
    let text = meta.metadata().as_ref().and_then(|m| m.get("gapfield"));
    Ok(text.map_or_else(|| Ok(BTreeMap::new()), |t| serde_json::from_str(t))?)
}

/// Every tensor of a safetensors file as one model's parameters, unchecked.
///
/// # Errors
/// When the bytes are not safetensors or not f32.
pub fn raw(bytes: &[u8]) -> Result<HostParams, CheckpointError> {
    let file = SafeTensors::deserialize(bytes)?;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.tensors() {
        if view.dtype() != Dtype::F32 {
            return Err(CheckpointError::NotFloat(name));
        }
        let data =
            view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        tensors.insert(name, HostTensor { shape: view.shape().to_vec(), data });
    }
    Ok(HostParams { models: 1, tensors })
}

/// One model's parameters, checked against the scorer's shape.
///
/// # Errors
/// When names, shapes or numbers do not fit.
pub fn from_bytes(bytes: &[u8], config: &ScorerConfig) -> Result<HostParams, CheckpointError> {
    let params = raw(bytes)?;
    check(&params, &config.specs().0)?;
    Ok(params)
}

fn check(params: &HostParams, specs: &[Spec]) -> Result<(), CheckpointError> {
    let missing: Vec<&str> =
        specs.iter().map(|s| s.name.as_str()).filter(|n| !params.tensors.contains_key(*n)).collect();
    let unexpected: Vec<&str> =
        params.tensors.keys().map(String::as_str).filter(|n| !specs.iter().any(|s| s.name == *n)).collect();
    if !missing.is_empty() || !unexpected.is_empty() {
        let list = |names: Vec<&str>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(CheckpointError::Names { missing: list(missing), unexpected: list(unexpected) });
    }
    for spec in specs {
        let Some(t) = params.tensors.get(&spec.name) else { continue };
        if t.shape != spec.shape {
            return Err(CheckpointError::Shape {
                name: spec.name.clone(),
                found: t.shape.clone(),
                needed: spec.shape.clone(),
            });
        }
        if t.data.iter().any(|v| !v.is_finite()) {
            return Err(CheckpointError::NotFinite(spec.name.clone()));
        }
    }
    Ok(())
}

/// The scorer's shape as `config.json`, keys sorted.
///
/// # Errors
/// Never for shapes made by this program.
pub fn config_to_json(config: &ScorerConfig) -> Result<String, CheckpointError> {
    let value = serde_json::to_value(config)?; // a Value keeps its keys sorted
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

/// Reads what [`config_to_json`] wrote.
///
/// # Errors
/// When the text is not a scorer's shape.
pub fn config_from_json(text: &str) -> Result<ScorerConfig, CheckpointError> {
    Ok(serde_json::from_str(text)?)
}

#[cfg(test)]
mod tests {
    use super::super::scorer::ScorerKind;
    use super::*;

    #[test]
    fn weights_come_back_bit_for_bit() {
        let config = ScorerConfig::for_width(ScorerKind::Tiny, 8);
        let params = config.specs().init(3, &["reasoning".to_owned()]);
        let bytes = to_bytes(&params, &BTreeMap::new()).unwrap();
        assert_eq!(from_bytes(&bytes, &config).unwrap(), params);
        let json = config_to_json(&config).unwrap();
        assert_eq!(config_from_json(&json).unwrap(), config);
    }

    #[test]
    fn a_checkpoint_of_another_width_is_refused_in_words() {
        let small = ScorerConfig::for_width(ScorerKind::Tiny, 8);
        let bytes = to_bytes(&small.specs().init(3, &["a".to_owned()]), &BTreeMap::new()).unwrap();
        let error =
            from_bytes(&bytes, &ScorerConfig::for_width(ScorerKind::Tiny, 16)).unwrap_err().to_string();
        assert!(error.contains("another width"), "{error}");
        let error = from_bytes(&bytes, &ScorerConfig::for_width(ScorerKind::Hrm, 8)).unwrap_err().to_string();
        assert!(error.contains("missing: ") && error.contains("z_proj.weight"), "{error}");
        assert!(from_bytes(&bytes[..100], &small).is_err());
    }
}

//! Checkpoints made elsewhere: PyTorch state dicts and safetensors with the scorers' parameter names, read with a
//! report of what fits and what does not.

use super::checkpoint::CheckpointError;
use super::hrm::HrmConfig;
use super::params::{HostParams, HostTensor};
use super::scorer::{ScorerConfig, ScorerKind};
use super::tiny::TinyConfig;
use super::torch;
use safetensors::tensor::{Dtype, SafeTensors};
use serde::Serialize;
use std::collections::BTreeMap;

/// Prefixes that wrappers put before every name: DataParallel, compile, Lightning.
const PREFIXES: [&str; 4] = ["module.", "_orig_mod.", "model.", "net."];

/// A checkpoint held against a scorer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fit {
    /// Parameters the scorer needs and the file lacks.
    pub missing: Vec<String>,
    /// Parameters the file has and the scorer does not know.
    pub unexpected: Vec<String>,
    /// Name, shape in the file and shape needed of those that differ in shape.
    pub shapes: Vec<(String, Vec<usize>, Vec<usize>)>,
    /// Parameters that hold numbers which are not finite.
    pub not_finite: Vec<String>,
}

impl Fit {
    /// Whether the scorer can be run with it.
    pub fn fits(&self) -> bool {
        self.missing.is_empty() && self.shapes.is_empty() && self.not_finite.is_empty()
    }
}

/// All tensors of a file as one model's parameters, as f32; PyTorch files and safetensors, half and double precision
/// converted, one common prefix of wrappers taken off.
///
/// # Errors
/// When the file is neither, or holds numbers of another kind.
pub fn read(bytes: &[u8]) -> Result<HostParams, CheckpointError> {
    let mut params = if torch::is_torch(bytes) { torch::read(bytes)? } else { safetensors(bytes)? };
    for prefix in PREFIXES {
        if params.tensors.keys().all(|n| n.starts_with(prefix)) {
            let strip = |(n, t): (String, HostTensor)| (n[prefix.len()..].to_owned(), t);
            params.tensors = params.tensors.into_iter().map(strip).collect();
        }
    }
    Ok(params)
}

fn safetensors(bytes: &[u8]) -> Result<HostParams, CheckpointError> {
    let file = SafeTensors::deserialize(bytes)?;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.tensors() {
        let raw = view.data();
        let two = |b: &[u8]| u16::from_le_bytes([b[0], b[1]]);
        let data: Vec<f32> = match view.dtype() {
            Dtype::F32 => raw.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
            Dtype::F16 => raw.chunks_exact(2).map(|b| torch::half_to_f32(two(b))).collect(),
            Dtype::BF16 => raw.chunks_exact(2).map(|b| f32::from_bits(u32::from(two(b)) << 16)).collect(),
            Dtype::F64 => raw
                .chunks_exact(8)
                .map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f32)
                .collect(),
            _ => return Err(CheckpointError::NotFloat(name)),
        };
        tensors.insert(name, HostTensor { shape: view.shape().to_vec(), data });
    }
    Ok(HostParams { models: 1, tensors })
}

/// The scorer that these parameters belong to, by their names and shapes. What weights do not tell (recursions,
/// cycles, step scale) is as the defaults say. `None` when they are neither HRM's nor Tiny's.
pub fn scorer_of(params: &HostParams) -> Option<ScorerConfig> {
    let shape = |name: &str| params.tensors.get(name).map(|t| t.shape.as_slice());
    let has = |part: &str| params.tensors.keys().any(|n| n.contains(part));
    if let Some([width, _]) = shape("z_proj.weight") {
        let layer = |n: &String| n.strip_prefix("core.")?.split('.').next()?.parse::<usize>().ok();
        let layers = params.tensors.keys().filter_map(layer).max().map_or(0, |l| l + 1);
        let classes = shape("classifier.weight").and_then(|s| s.first().copied()).unwrap_or(0);
        let attention = has(".attn.");
        return Some(ScorerConfig::Tiny(TinyConfig {
            layers,
            attention,
            classes,
            ..TinyConfig::for_width(*width)
        }));
    }
    let ([high, pair], [_, low]) =
        (shape("input_projector.project.weight")?, shape("l_module.rnn_cell.weight_hh")?)
    else {
        return None;
    };
    let embedding = shape("recon_head.weight").and_then(|s| s.first().copied()).unwrap_or(pair / 2);
    Some(ScorerConfig::Hrm(HrmConfig { high: *high, low: *low, ..HrmConfig::for_width(embedding) }))
}

/// Holds parameters against a scorer.
pub fn fit(params: &HostParams, config: &ScorerConfig) -> Fit {
    let specs = config.specs().0;
    let known = |name: &String| specs.iter().any(|s| s.name == *name);
    let absent = specs.iter().filter(|s| !params.tensors.contains_key(&s.name));
    let differing = specs.iter().filter_map(|s| {
        let found = &params.tensors.get(&s.name)?.shape;
        (*found != s.shape).then(|| (s.name.clone(), found.clone(), s.shape.clone()))
    });
    let broken = params.tensors.iter().filter(|(_, t)| t.data.iter().any(|v| !v.is_finite()));
    Fit {
        missing: absent.map(|s| s.name.clone()).collect(),
        unexpected: params.tensors.keys().filter(|n| !known(n)).cloned().collect(),
        shapes: differing.collect(),
        not_finite: broken.map(|(n, _)| n.clone()).filter(known).collect(),
    }
}

/// The parameters a scorer needs and no others.
///
/// # Errors
/// When one is missing, of another shape, or not finite: one sentence.
pub fn fitted(params: &HostParams, config: &ScorerConfig) -> Result<HostParams, CheckpointError> {
    let fit = fit(params, config);
    if let Some((name, found, needed)) = fit.shapes.first() {
        let (name, found, needed) = (name.clone(), found.clone(), needed.clone());
        return Err(CheckpointError::Shape { name, found, needed });
    }
    if !fit.missing.is_empty() {
        let list = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let (missing, unexpected) = (list(&fit.missing), list(&fit.unexpected));
        return Err(CheckpointError::Names { missing, unexpected });
    }
    if let Some(name) = fit.not_finite.first() {
        return Err(CheckpointError::NotFinite(name.clone()));
    }
    let mut kept = params.clone();
    kept.tensors.retain(|name, _| !fit.unexpected.contains(name));
    Ok(kept)
}

/// What a scorer of this kind is called in a sentence.
pub fn kind_words(kind: ScorerKind) -> &'static str {
    match kind {
        ScorerKind::Hrm => "HRM",
        ScorerKind::Tiny => "Tiny",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::checkpoint::to_bytes;

    fn fresh(config: &ScorerConfig) -> HostParams {
        config.specs().init(3, &["reasoning".to_owned()])
    }

    #[test]
    fn a_scorer_is_known_by_its_parameters() {
        let tiny = TinyConfig { layers: 3, attention: true, classes: 7, ..TinyConfig::for_width(8) };
        let hrm = HrmConfig { high: 6, low: 4, ..HrmConfig::for_width(8) };
        for config in [ScorerConfig::Tiny(tiny), ScorerConfig::Hrm(hrm)] {
            let params = fresh(&config);
            assert_eq!(scorer_of(&params).unwrap(), config);
            assert!(fit(&params, &config).fits());
        }
        assert_eq!(scorer_of(&HostParams::default()), None);
    }

    #[test]
    fn what_is_missing_and_what_is_too_much_is_named() {
        let config = ScorerConfig::for_width(ScorerKind::Tiny, 8);
        let mut params = fresh(&config);
        let taken = params.tensors.remove("halt_head.bias").unwrap();
        params.tensors.insert("surprise".to_owned(), taken);
        let found = fit(&params, &config);
        assert_eq!(
            (found.missing, found.unexpected),
            (vec!["halt_head.bias".to_owned()], vec!["surprise".to_owned()])
        );
        let error = fitted(&params, &config).unwrap_err().to_string();
        assert!(error.contains("missing: halt_head.bias; unexpected: surprise"), "{error}");
        let other = fitted(&params, &ScorerConfig::for_width(ScorerKind::Tiny, 16)).unwrap_err().to_string();
        assert!(other.contains("another width"), "{other}");
    }

    #[test]
    fn a_common_prefix_of_wrappers_is_taken_off() {
        let config = ScorerConfig::for_width(ScorerKind::Tiny, 8);
        let params = fresh(&config);
        let mut wrapped = params.clone();
        wrapped.tensors = params.tensors.iter().map(|(n, t)| (format!("module.{n}"), t.clone())).collect();
        let bytes = to_bytes(&wrapped, &BTreeMap::new()).unwrap();
        assert_eq!(read(&bytes).unwrap(), params);
        assert!(read(b"neither of both").is_err());
    }
}

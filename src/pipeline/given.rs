//! A mind whose weights are given: read from another run, a folder or one file, and scored with as they are.

use super::driver::{Driver, setting};
use super::learn::write_models;
use super::material::{FIRST_PHASE, Material, WEIGHTS, scorer_json, state_path};
use crate::core::dimension::Dimension;
use crate::nn::checkpoint;
use crate::nn::foreign;
use crate::nn::params::HostParams;
use crate::nn::scorer::{ScorerConfig, ScorerKind};
use crate::run::paths;
use anyhow::{Context, ensure};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Endings of a file of weights in a folder, the first found is taken.
const ENDINGS: [&str; 4] = ["/weights.safetensors", ".safetensors", "/weights.pt", ".pt"];

/// Weights of a mind, with the shape of the scorer they are for.
#[derive(Debug)]
struct Given {
    scorer: ScorerConfig,
    /// All five dimensions stacked.
    weights: HostParams,
    /// Of all files, in the order of the dimensions.
    hash: String,
}

/// Takes the weights in place of a training. The stage keeps the training's name: what follows it asks for nothing else.
pub(super) fn stage(
    driver: &mut Driver<'_>,
    name: &'static str,
    kind: ScorerKind,
    from: &Path,
) -> anyhow::Result<()> {
    let given =
        Given::read(from, name).with_context(|| format!("the weights given for {name} cannot be used"))?;
    let (width, measures) = Material::widths(&driver.run)?;
    given.check(from, kind, width, measures)?;
    let mut inputs = driver.files(&[paths::EMBEDDINGS])?;
    setting(&mut inputs, "given", &(&given.scorer, &given.hash))?;
    driver.stage(&format!("train {name}"), &inputs, |run, _, out| {
        let shape = checkpoint::config_to_json(&given.scorer)?;
        out.write(run, &scorer_json(name), shape.as_bytes())?;
        for file in [FIRST_PHASE, WEIGHTS] {
            write_models(run, out, name, file, &given.weights)?;
        }
        for dimension in Dimension::ALL {
            out.write(run, &paths::model(name, dimension, "config.json"), shape.as_bytes())?;
        }
        // What an earlier training in this folder left would pass for the history of these weights.
        let histories = Dimension::ALL.into_iter().map(|d| paths::history(name, d));
        for stale in histories.chain([paths::validation(name), state_path(name)]) {
            let _not_there = std::fs::remove_file(run.path(&stale)?);
        }
        out.number("given", json!({"from": from.display().to_string(), "blake3": given.hash}));
        Ok(())
    })
}

impl Given {
    fn read(from: &Path, pass: &str) -> anyhow::Result<Self> {
        let folder = if from.join(paths::MANIFEST).exists() {
            from.join("models").join(pass)
        } else {
            from.to_owned()
        };
        let files: Vec<PathBuf> =
            Dimension::ALL.iter().map(|d| file_of(&folder, *d)).collect::<anyhow::Result<_>>()?;
        let mut hashes = Vec::new();
        let mut parts = Vec::new();
        for file in &files {
            let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            hashes.push(blake3::hash(&bytes).to_hex().to_string());
            parts.push(foreign::read(&bytes).with_context(|| format!("{} was not read", file.display()))?);
        }
        let scorer = shape_of(&folder, &files[0], &parts[0])?;
        for (part, file) in parts.iter_mut().zip(&files) {
            *part =
                foreign::fitted(part, &scorer).with_context(|| format!("{} does not fit", file.display()))?;
        }
        let weights = HostParams::stack(&parts)
            .with_context(|| format!("the five models of {} differ in shape", folder.display()))?;
        Ok(Self { scorer, weights, hash: crate::run::hash::of_parts(hashes.iter().map(String::as_str)) })
    }

    /// Whether they are for this mind and this run's embeddings.
    fn check(&self, from: &Path, kind: ScorerKind, width: usize, measures: usize) -> anyhow::Result<()> {
        let (from, found) = (from.display(), self.scorer.kind());
        ensure!(
            found == kind,
            "{from} holds {}, and this mind is {}; set its kind to {} or give other weights",
            foreign::kind_words(found),
            foreign::kind_words(kind),
            found.name()
        );
        let reads = self.scorer.embedding();
        ensure!(
            reads == width,
            "the weights in {from} read embeddings of width {reads}, and this run's are {width} wide; give weights \
             trained on this embedding"
        );
        let needs = self.scorer.wide().map_or(0, |wide| wide.measures);
        ensure!(
            needs == 0 || needs == measures,
            "the weights in {from} read {needs} measurements of the texts, and this version takes {measures}; give \
             weights trained by this version"
        );
        Ok(())
    }
}

/// The file for one dimension: the one file given, or the dimension's own in the folder.
fn file_of(folder: &Path, dimension: Dimension) -> anyhow::Result<PathBuf> {
    if folder.is_file() {
        return Ok(folder.to_owned());
    }
    ensure!(folder.is_dir(), "{} is neither a file nor a folder", folder.display());
    let found = ENDINGS.iter().map(|e| folder.join(format!("{dimension}{e}"))).find(|p| p.is_file());
    found.with_context(|| {
        format!(
            "{} holds no weights for {dimension}; it needs {dimension}/weights.safetensors, {dimension}.safetensors or \
             {dimension}.pt",
            folder.display()
        )
    })
}

/// The shape written beside the weights, or the one that their names and shapes tell.
fn shape_of(folder: &Path, file: &Path, params: &HostParams) -> anyhow::Result<ScorerConfig> {
    let beside = file.with_file_name("config.json");
    for path in [folder.join("scorer.json"), beside] {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        // A `config.json` of another program stands beside its weights often enough.
        if let Ok(scorer) = checkpoint::config_from_json(&text) {
            return Ok(scorer);
        }
    }
    foreign::scorer_of(params).with_context(|| {
        format!(
            "{} holds neither an HRM (input_projector.*, l_module.*) nor a Tiny (z_proj.*, core.*)",
            file.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::tiny::TinyConfig;
    use std::collections::BTreeMap;

    fn tiny(width: usize) -> HostParams {
        TinyConfig::for_width(width).specs().init(5, &["one".to_owned()]).model(0)
    }

    fn write(params: &HostParams, path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, checkpoint::to_bytes(params, &BTreeMap::new()).unwrap()).unwrap();
    }

    #[test]
    fn one_file_serves_all_dimensions_and_a_folder_one_each() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("one.safetensors");
        write(&tiny(8), &file);
        let one = Given::read(&file, "B").unwrap();
        assert_eq!((one.weights.models, one.scorer.embedding()), (5, 8));
        for dimension in Dimension::ALL {
            write(&tiny(8), &dir.path().join(format!("run/models/B/{dimension}/weights.safetensors")));
        }
        let folder = Given::read(&dir.path().join("run/models/B"), "B").unwrap();
        assert_eq!(folder.weights.tensors["z_proj.weight"].data, one.weights.tensors["z_proj.weight"].data);
        std::fs::write(dir.path().join("run").join(paths::MANIFEST), "{}").unwrap();
        assert_eq!(Given::read(&dir.path().join("run"), "B").unwrap().hash, folder.hash);
    }

    #[test]
    fn what_does_not_fit_is_one_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("w.safetensors");
        let said = |error: anyhow::Error| format!("{error:#}");
        write(&tiny(8), &file);
        let given = Given::read(&file, "A").unwrap();
        assert!(given.check(&file, ScorerKind::Tiny, 8, 0).is_ok());
        let other = said(given.check(&file, ScorerKind::Tiny, 384, 0).unwrap_err());
        assert!(other.contains("width 8") && other.contains("384 wide") && !other.contains('\n'), "{other}");
        let kind = said(given.check(&file, ScorerKind::Hrm, 8, 0).unwrap_err());
        assert!(kind.contains("set its kind to tiny"), "{kind}");
        let mut less = tiny(8);
        less.tensors.remove("score_head.bias");
        write(&less, &file);
        let missing = said(Given::read(&file, "A").unwrap_err());
        assert!(missing.contains("score_head.bias") && !missing.contains('\n'), "{missing}");
        let none = said(Given::read(&dir.path().join("nowhere"), "A").unwrap_err());
        assert!(none.contains("neither a file nor a folder"), "{none}");
        let empty = said(Given::read(dir.path(), "A").unwrap_err());
        assert!(empty.contains("holds no weights for"), "{empty}");
    }
}

//! What is asked of a run: one struct for the command line, the file, the window's form and the record.

use super::error::RunError;
use super::{hash, json};
use crate::core::cloud::CloudChoice;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Everything that decides a run's result. Only what differs from the defaults is written to `config.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// Title shown in lists.
    pub title: String,
    /// Turns table; `None` takes the bundled corpus.
    pub turns: Option<PathBuf>,
    /// Judgements table, when the turns table carries no score columns.
    pub judgements: Option<PathBuf>,
    /// Which judge supervises; `None` takes the first in the table.
    pub judge: Option<String>,
    /// The reference mind.
    pub a: PassConfig,
    /// The mind compared with it.
    pub b: PassConfig,
    /// The 64-bit seed of every random stream. Above 2^63 - 1 it is written as text, since TOML has no larger numbers.
    #[serde(with = "seed_text")]
    pub seed: u64,
    /// Embedding provider: `static`.
    pub embedding: String,
    /// A smaller, faster run: fewer epochs, no second look.
    pub quick: bool,
    /// Row cap after import, 0 for none.
    pub limit: usize,
    /// Nulls of the topology test.
    pub nulls: usize,
    /// Dots an inch of the run's figures, which are 170 mm wide.
    pub figure_dpi: f64,
    /// What a reader should know before believing the run, one sentence each.
    pub notes: Vec<String>,
    /// Highest homological dimension.
    pub max_dim: usize,
    /// The cloud whose shape is tested, declared before looking.
    pub topology: CloudChoice,
    /// Which form of the scorers' inner loops computes; not written while it is the default.
    #[serde(skip_serializing_if = "Kernels::is_default")]
    pub kernels: Kernels,
}

/// The two forms of the scorers' inner loops. They agree within rounding, forward and backward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kernels {
    /// Hand-written kernels where there are some: on the processor the whole recursion, forward and backward, without a
    /// graph; on a graphics adapter the WGSL kernels of `shaders/`.
    #[default]
    Fused,
    /// Tensor operations one by one, differentiated by burn: the reference.
    Plain,
}

impl Kernels {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            title: "Deep and tiny".to_owned(),
            turns: None,
            judgements: None,
            judge: None,
            a: PassConfig { kind: PassKind::Hrm, ..PassConfig::default() },
            b: PassConfig { kind: PassKind::Tiny, ..PassConfig::default() },
            seed: 8_412_067_713_905_526_142,
            embedding: "static".to_owned(),
            quick: false,
            limit: 0,
            nulls: 199,
            figure_dpi: 300.0,
            notes: Vec::new(),
            max_dim: 1,
            topology: CloudChoice::default(),
            kernels: Kernels::default(),
        }
    }
}

/// How a pass comes to its scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PassKind {
    /// The hierarchical recursive scorer, trained here.
    Hrm,
    /// The tiny recursive scorer, trained here.
    Tiny,
    /// A judge's own judgements taken as a pass.
    Judge,
    /// A table with `turn_id` and SCM columns.
    Table,
}

/// One side of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PassConfig {
    /// What kind of scorer.
    pub kind: PassKind,
    /// Name shown; empty derives one from the kind ("HRM h256").
    pub name: String,
    /// For `judge`: the judge's name. For `table`: the file.
    pub source: Option<String>,
    /// For `hrm` and `tiny`: weights to score with in place of a training; a run, a folder of one file a dimension, or
    /// one file for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
    /// Epochs at most; 0 takes the scorer's default.
    pub epochs: usize,
    /// Peak learning rate; 0 takes the scorer's default.
    pub learning_rate: f64,
    /// Batch size; 0 takes the scorer's default.
    pub batch: usize,
    /// Dropout; negative takes the scorer's default.
    pub dropout: f64,
    /// Whether it reads more than goal and answer: measurements of the texts and, for HRM, the context and the answer
    /// before, through a linear readout beside its core. Off, the scorer is its core alone.
    pub wide: bool,
    /// Guardrails (log_var clamp, gradient clip, loss caps, skipping non-finite batches); off only to teach.
    pub guardrails: bool,
    /// Factors of the learning rate, each from its epoch (from 1) on: `[[6, 0.5]]` halves it after five epochs.
    pub rate_steps: Vec<(usize, f64)>,
}

impl Default for PassConfig {
    fn default() -> Self {
        Self {
            kind: PassKind::Hrm,
            name: String::new(),
            source: None,
            weights: None,
            epochs: 0,
            learning_rate: 0.0,
            batch: 0,
            dropout: -1.0,
            wide: true,
            guardrails: true,
            rate_steps: Vec::new(),
        }
    }
}

/// Embedding providers this version has.
pub const EMBEDDINGS: [&str; 1] = ["static"];

impl RunConfig {
    /// Whether any mind of this run is trained here.
    pub fn trains(&self) -> bool {
        [self.a.kind, self.b.kind].iter().any(|k| matches!(k, PassKind::Hrm | PassKind::Tiny))
    }

    /// The config in a TOML file; whatever the file does not say keeps its default.
    ///
    /// # Errors
    /// [`RunError::Io`], [`RunError::Config`] for broken TOML, unknown keys, or values that cannot be.
    pub fn load(path: &Path) -> Result<Self, RunError> {
        let bytes = std::fs::read(path).map_err(|e| RunError::io("read the config", path, &e))?;
        let failed = |reason: String| RunError::Config { reason, path: path.to_owned() };
        let text = String::from_utf8(bytes)
            .map_err(|_| failed("the config is not UTF-8 text; save it as UTF-8".to_owned()))?;
        Self::from_toml(&text).map_err(failed)
    }

    /// The config in TOML text, laid over the defaults and checked.
    ///
    /// # Errors
    /// One sentence that says what is wrong and what to do.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let broken = |e: toml::de::Error| {
            let line = e.span().map(|s| text[..s.start.min(text.len())].matches('\n').count() + 1);
            let place = line.map_or_else(String::new, |l| format!(" on line {l}"));
            let what = e.message().trim().replace('\n', ", ");
            format!("the config is not valid{place} ({what}); correct it or remove the line")
        };
        let given: toml::Table = toml::from_str(text).map_err(broken)?;
        let mut table = Self::default().table().map_err(|e| e.to_string())?;
        lay_over(&mut table, given);
        let config: Self = table.try_into().map_err(broken)?;
        config.validate()?;
        Ok(config)
    }

    /// TOML with only what differs from the defaults; empty for the default config.
    ///
    /// # Errors
    /// [`RunError::Encode`] when a path is not UTF-8.
    pub fn to_toml(&self) -> Result<String, RunError> {
        let mut table = self.table()?;
        keep_differences(&mut table, &Self::default().table()?);
        toml::to_string(&table).map_err(|e| encode_error(&e))
    }

    /// Hash over every value, defaults included, so that a changed default changes the hash.
    ///
    /// # Errors
    /// [`RunError::Encode`] when a path is not UTF-8.
    pub fn hash(&self) -> Result<String, RunError> {
        Ok(hash::of_bytes(&json::to_bytes("the config", self)?))
    }

    /// Whether the values can be meant.
    ///
    /// # Errors
    /// One sentence that says which value cannot be and what to do.
    pub fn validate(&self) -> Result<(), String> {
        for (name, pass) in [("a", &self.a), ("b", &self.b)] {
            pass.validate(name)?;
        }
        if !EMBEDDINGS.contains(&self.embedding.as_str()) {
            let known = EMBEDDINGS.join(", ");
            return Err(format!(
                "there is no embedding provider `{}`; choose one of: {known}",
                self.embedding
            ));
        }
        if self.max_dim > 2 {
            return Err(format!(
                "max_dim = {} is above 2; choose 0 (pieces), 1 (loops) or 2 (voids)",
                self.max_dim
            ));
        }
        self.topology.indices()?;
        if self.nulls > 100_000 {
            return Err(format!(
                "nulls = {} would never end; choose at most 100000 (199 is usual)",
                self.nulls
            ));
        }
        if !(36.0..=1200.0).contains(&self.figure_dpi) {
            return Err(format!(
                "figure_dpi = {} cannot be drawn; choose 36 to 1200 (300 is usual)",
                self.figure_dpi
            ));
        }
        if self.judge.as_deref().is_some_and(|j| j.trim().is_empty()) {
            return Err("judge is empty; name a judge or leave the key out".to_owned());
        }
        Ok(())
    }

    fn table(&self) -> Result<toml::Table, RunError> {
        toml::Table::try_from(self).map_err(|e| encode_error(&e))
    }
}

impl PassConfig {
    fn validate(&self, pass: &str) -> Result<(), String> {
        let source = self.source.as_deref().map(str::trim).filter(|s| !s.is_empty());
        match (self.kind, source) {
            (PassKind::Table, None) => {
                return Err(format!(
                    "pass {pass} is a table without a file; set {pass}.source to a CSV or Parquet file"
                ));
            }
            (PassKind::Judge, None) => {
                return Err(format!(
                    "pass {pass} is a judge without a name; set {pass}.source to a judge of the table"
                ));
            }
            (PassKind::Hrm | PassKind::Tiny, Some(source)) => {
                return Err(format!(
                    "pass {pass} is trained here and takes no source; remove {pass}.source = \"{source}\" or set \
                     {pass}.kind to judge or table"
                ));
            }
            _ => {}
        }
        if self.weights.is_some() && matches!(self.kind, PassKind::Judge | PassKind::Table) {
            return Err(format!(
                "pass {pass} is no scorer and takes no weights; remove {pass}.weights or set {pass}.kind to hrm or tiny"
            ));
        }
        if self.epochs > 100_000 {
            return Err(format!("{pass}.epochs = {} would never end; choose at most 100000", self.epochs));
        }
        if self.batch > 65_536 {
            return Err(format!("{pass}.batch = {} is too large; choose at most 65536", self.batch));
        }
        if !(0.0..=1.0).contains(&self.learning_rate) {
            let rate = self.learning_rate;
            return Err(format!(
                "{pass}.learning_rate = {rate} is not in [0, 1]; 0 takes the scorer's default"
            ));
        }
        let ascending = self.rate_steps.windows(2).all(|w| w[0].0 < w[1].0);
        let possible = self.rate_steps.iter().all(|(epoch, f)| *epoch > 0 && (0.0..=1000.0).contains(f));
        if !ascending || !possible {
            return Err(format!(
                "{pass}.rate_steps cannot be followed; give epochs from 1 upwards in order, each with a factor from 0 to \
                 1000, as in [[6, 0.5]]"
            ));
        }
        if !self.dropout.is_finite() || self.dropout >= 1.0 {
            let dropout = self.dropout;
            return Err(format!(
                "{pass}.dropout = {dropout} is not below 1; a negative value takes the default"
            ));
        }
        Ok(())
    }
}

fn encode_error(error: &toml::ser::Error) -> RunError {
    RunError::Encode { what: "the config".to_owned(), format: "TOML", reason: error.to_string() }
}

/// Lays `given` over `base`, table by table.
fn lay_over(base: &mut toml::Table, given: toml::Table) {
    for (key, value) in given {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Removes from `table` whatever equals `default`.
fn keep_differences(table: &mut toml::Table, default: &toml::Table) {
    table.retain(|key, value| match (value, default.get(key)) {
        (toml::Value::Table(mine), Some(toml::Value::Table(theirs))) => {
            keep_differences(mine, theirs);
            !mine.is_empty()
        }
        (value, theirs) => theirs != Some(value),
    });
}

/// A 64-bit seed as a number when TOML can hold it, else as text.
mod seed_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seed {
        Number(u64),
        Text(String),
    }

    pub(super) fn serialize<S: Serializer>(seed: &u64, to: S) -> Result<S::Ok, S::Error> {
        if i64::try_from(*seed).is_ok() {
            to.serialize_u64(*seed)
        } else {
            to.serialize_str(&seed.to_string())
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        match Seed::deserialize(from) {
            Ok(Seed::Number(seed)) => Ok(seed),
            Ok(Seed::Text(text)) => text.parse().map_err(|_| D::Error::custom(wrong_seed(&text))),
            Err(_) => Err(D::Error::custom(wrong_seed("that"))),
        }
    }

    fn wrong_seed(found: &str) -> String {
        format!("a seed is a whole number from 0 to 18446744073709551615, not {found}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_default_config_is_an_empty_file() {
        assert_eq!(RunConfig::default().to_toml().unwrap(), "");
        assert_eq!(RunConfig::from_toml("").unwrap(), RunConfig::default());
    }

    #[test]
    fn one_key_of_a_pass_keeps_the_defaults_of_that_pass() {
        let config = RunConfig::from_toml("[b]\nepochs = 3\n").unwrap();
        assert_eq!(config.b.kind, PassKind::Tiny, "B stays the tiny mind");
        assert_eq!(config.to_toml().unwrap(), "[b]\nepochs = 3\n");
    }

    #[test]
    fn what_cannot_be_is_refused_in_one_sentence() {
        for (text, words) in [
            ("[a]\nkind = \"table\"", "set a.source to a CSV or Parquet file"),
            ("[b]\nkind = \"judge\"", "set b.source to a judge"),
            ("[a]\nsource = \"x\"", "takes no source"),
            ("[a]\nlearning_rate = nan", "a.learning_rate"),
            ("[a]\ndropout = 1.0", "a.dropout"),
            ("[a]\nrate_steps = [[0, 1.0]]", "a.rate_steps"),
            ("[b]\nrate_steps = [[4, 0.5], [2, 0.5]]", "b.rate_steps"),
            ("max_dim = 3", "max_dim"),
            ("[topology]\ncolumns = [\"beauty\"]", "no column \"beauty\""),
            ("embedding = \"magic\"", "choose one of: static"),
            ("seed = -1", "a seed is a whole number"),
            ("seed = \"many\"", "not many"),
            ("nonsense = 1", "nonsense"),
            ("quick = \n", "line 1"),
            ("title = \"x\"\nquick = 3", "invalid type"),
            ("[a]\nkind = \"oracle\"", "oracle"),
        ] {
            let error = RunConfig::from_toml(text).unwrap_err();
            assert!(error.contains(words), "{text:?} gave {error:?}");
            assert!(!error.contains('\n'), "{error:?}");
        }
    }

    #[test]
    fn equal_configs_hash_alike_and_others_do_not() {
        let a = RunConfig::default();
        let b = RunConfig { nulls: 99, ..a.clone() };
        assert_eq!(a.hash().unwrap(), a.clone().hash().unwrap());
        assert_ne!(a.hash().unwrap(), b.hash().unwrap());
    }

    fn pass() -> impl Strategy<Value = PassConfig> {
        let kind = prop_oneof![
            Just(PassKind::Hrm),
            Just(PassKind::Tiny),
            Just(PassKind::Judge),
            Just(PassKind::Table)
        ];
        (
            kind,
            ".*",
            "[a-z/. -]{0,8}x",
            0..500_usize,
            0.0..1.0_f64,
            0..512_usize,
            -1.0..0.99_f64,
            any::<bool>(),
            any::<bool>(),
        )
            .prop_map(
                |(kind, name, source, epochs, learning_rate, batch, dropout, wide, guardrails)| {
                    let source = matches!(kind, PassKind::Judge | PassKind::Table).then_some(source);
                    let rate_steps = if guardrails { Vec::new() } else { vec![(2, 0.5), (7, 0.125)] };
                    PassConfig {
                        weights: None,
                        kind,
                        name,
                        source,
                        epochs,
                        learning_rate,
                        batch,
                        dropout,
                        wide,
                        guardrails,
                        rate_steps,
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn every_config_survives_the_file(
            title in ".*", turns in proptest::option::of("[^\u{0}]+"), judge in proptest::option::of("[a-z]+"),
            a in pass(), b in pass(), seed in any::<u64>(), quick in any::<bool>(), limit in 0..1_000_000_usize,
            nulls in 0..1000_usize, max_dim in 0..3_usize,
        ) {
            let config = RunConfig {
                title, turns: turns.clone().map(PathBuf::from), judgements: turns.map(PathBuf::from), judge, a, b, seed,
                embedding: "static".to_owned(), quick, limit, nulls, max_dim, topology: CloudChoice { standardise: quick, weights: vec![1.0, 0.5, 1.0, 1.0, 2.0], ..CloudChoice::default() }, notes: vec!["a note".to_owned()], figure_dpi: 150.0,
                kernels: if quick { Kernels::Plain } else { Kernels::Fused },
            };
            prop_assert_eq!(RunConfig::from_toml(&config.to_toml().unwrap()).unwrap(), config);
        }
    }
}

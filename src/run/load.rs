//! Reading a run folder into [`RunContents`]: whatever is there and intact, and one sentence for whatever is not.

use super::contents::{History, Orders, Pass, RunContents};
use super::error::RunError;
use super::folder::RunFolder;
use super::hash;
use super::lock::RunLock;
use super::projection::{self, Projection, ProjectionFacts, ProjectionKey};
use super::tables::{self, TableError};
use super::{json, paths};
use crate::core::bar::Cycle;
use crate::core::dimension::Dimension;
use crate::core::matrix::Matrix;
use crate::core::scm::N_COLUMNS;
use crate::core::turn::{Split, Turn};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

impl RunContents {
    /// Reads everything a run holds. Files that changed since they were written, or that are damaged, are left out and
    /// named in `problems`; files of stages not yet done are simply absent.
    ///
    /// # Errors
    /// Only when the folder is missing or its manifest is unreadable or too new.
    pub fn load(folder: &Path) -> Result<Self, RunError> {
        let run = RunFolder::open(folder)?;
        let is_live = !run.manifest().is_complete() && RunLock::is_held(run.root());
        let manifest = serde_json::to_value(run.manifest()).map(json::sorted).unwrap_or_default();
        let status = run.manifest().status_words(is_live);
        let config = run.read_config().ok();
        let contents = Self { folder: run.root().to_owned(), manifest, status, config, ..Self::default() };
        let mut loader = Loader { run, contents, rows: HashMap::new() };
        loader.turns();
        loader.passes();
        loader.field();
        loader.topology();
        loader.metrics();
        loader.projections();
        loader.figures();
        match super::slices::read(&loader.contents.folder) {
            Ok(slices) => loader.contents.slices = slices,
            Err(error) => loader.problem(error.to_string()),
        }
        Ok(loader.contents)
    }
}

struct Loader {
    run: RunFolder,
    contents: RunContents,
    /// Row of each turn id.
    rows: HashMap<String, usize>,
}

impl Loader {
    fn problem(&mut self, problem: impl Into<String>) {
        self.contents.problems.push(problem.into());
    }

    /// The bytes of a file if it is there and as the manifest says. A file the manifest lists must be there; one it
    /// does not list may be the work of a stage that was not finished.
    fn bytes(&mut self, relative: &str) -> Option<Vec<u8>> {
        let record = self.run.manifest().files.get(relative).cloned();
        if record.is_none() && !self.run.has(relative) {
            return None;
        }
        match self.run.read(relative) {
            Ok(bytes) => match record {
                Some(record) if hash::of_bytes(&bytes) != record.blake3 => {
                    self.problem(format!(
                        "{relative} is not the file this run wrote (its hash differs); restore it or run its stage again"
                    ));
                    None
                }
                _ => Some(bytes),
            },
            Err(error) => {
                self.problem(error.to_string());
                None
            }
        }
    }

    /// Reads a table of the run; a problem is kept and `None` returned.
    fn table<T>(
        &mut self,
        relative: &str,
        read: impl FnOnce(&str, &[u8]) -> Result<T, TableError>,
    ) -> Option<T> {
        let bytes = self.bytes(relative)?;
        read(relative, &bytes).map_err(|e| self.problem(e.to_string())).ok()
    }

    fn json(&mut self, relative: &str) -> Option<Value> {
        let bytes = self.bytes(relative)?;
        serde_json::from_slice(&bytes)
            .map_err(|e| {
                self.problem(format!("{relative} is damaged ({e}); restore it or run its stage again"))
            })
            .ok()
    }

    fn turns(&mut self) {
        if let Some(turns) = self.table(paths::TURNS, tables::turns::from_parquet) {
            self.set_turns(turns);
        }
        if let Some(judgements) = self.table(paths::JUDGEMENTS, tables::judgements::from_parquet) {
            self.contents.judgements = Arc::new(judgements);
        }
        if let Some((ids, splits)) = self.table(paths::SPLITS, tables::splits::from_parquet) {
            self.splits(&ids, &splits);
        }
    }

    fn set_turns(&mut self, turns: Vec<Turn>) {
        self.rows = turns.iter().enumerate().map(|(row, t)| (t.turn_id.clone(), row)).collect();
        if self.rows.len() != turns.len() {
            self.problem("turns.parquet has repeated turn ids; run the import again");
        }
        self.contents.turns = Arc::new(turns);
    }

    fn splits(&mut self, ids: &[String], splits: &[Split]) {
        let by_id: HashMap<&str, Split> =
            ids.iter().map(String::as_str).zip(splits.iter().copied()).collect();
        let all: Option<Vec<Split>> =
            self.contents.turns.iter().map(|t| by_id.get(t.turn_id.as_str()).copied()).collect();
        match all {
            Some(splits) => self.contents.splits = splits,
            None => self.problem("splits.parquet does not name every turn; run the training again"),
        }
    }

    fn passes(&mut self) {
        for (at, name) in ["A", "B"].into_iter().enumerate() {
            self.validation(name);
            let history = self.history(name);
            self.contents.trainings[at] = history.clone().map(Arc::new);
            let Some((ids, matrix)) = self.table(&paths::scm(name), tables::matrix::scm_from_parquet) else {
                continue;
            };
            let Some(scm) = self.align(&paths::scm(name), &ids, &matrix) else { continue };
            let scorer = self.run.manifest().scorers.get(name).cloned().unwrap_or_default();
            let shown = if scorer.name.is_empty() { name.to_owned() } else { scorer.name };
            let pass = Some(Arc::new(Pass { name: shown, kind: scorer.kind, scm, history }));
            if name == "A" { self.contents.a = pass } else { self.contents.b = pass }
        }
    }

    /// Brings rows into the order of the turns. Without readable turns the ids alone stand in for them, so that a run
    /// whose texts are lost can still be looked at.
    fn align(&mut self, file: &str, ids: &[String], matrix: &Matrix) -> Option<Matrix> {
        if self.contents.turns.is_empty() && !ids.is_empty() {
            let stand_in = |id: &String| Turn { turn_id: id.clone(), ..Turn::default() };
            self.set_turns(ids.iter().map(stand_in).collect());
            self.problem(
                "the texts of the turns cannot be read, so only their ids are shown; restore turns.parquet",
            );
        }
        let mut aligned = Matrix::filled(self.contents.turns.len(), matrix.cols(), f32::NAN);
        for (from, id) in ids.iter().enumerate() {
            let Some(&to) = self.rows.get(id) else {
                self.problem(format!(
                    "{file} names the turn `{id}`, which turns.parquet does not have; run its stage again"
                ));
                return None;
            };
            aligned.row_mut(to).copy_from_slice(matrix.row(from));
        }
        Some(aligned)
    }

    /// The validation scores of a training, when it kept them for the turns this run splits off for validation.
    fn validation(&mut self, pass: &str) {
        let file = paths::validation(pass);
        let Some((ids, epochs)) = self.table(&file, tables::validation::from_parquet) else { return };
        let split = self.contents.turns.iter().zip(&self.contents.splits);
        let here = split.filter(|(_, s)| **s == Split::Validation).map(|(t, _)| &t.turn_id);
        if !here.eq(ids.iter()) {
            self.problem(format!(
                "{file} holds other turns than splits.parquet sets apart for validation; run the training again"
            ));
            return;
        }
        let epochs = epochs.into_iter().map(|m| (pass.to_owned(), Arc::new(m)));
        self.contents.validation.extend(epochs);
    }

    fn history(&mut self, pass: &str) -> Option<History> {
        let parts: Vec<(Dimension, History)> = Dimension::ALL
            .into_iter()
            .filter_map(|d| Some((d, self.table(&paths::history(pass, d), tables::numbers::from_parquet)?)))
            .collect();
        (!parts.is_empty()).then(|| merge_histories(&parts))
    }

    fn field(&mut self) {
        if let Some((ids, matrix)) = self.table(paths::DELTA, tables::matrix::scm_from_parquet) {
            self.contents.delta = self.align(paths::DELTA, &ids, &matrix).map(Arc::new);
        }
        if let Some(bytes) = self.bytes(paths::ORDER) {
            let (orders, problems) = Orders::from_json(&bytes, self.contents.turns.len(), N_COLUMNS);
            self.contents.orders = orders;
            self.contents.problems.extend(problems);
        }
    }

    /// Pictures of the run on the plane: positions in one table, what goes with them in the metrics.
    fn projections(&mut self) {
        if let Some((ids, gap)) = self.table(paths::UNCERTAINTY_GAP, |file, bytes| {
            tables::matrix::from_parquet(file, bytes, &Dimension::ALL.map(Dimension::name))
        }) {
            self.contents.uncertainty_gap = self.align(paths::UNCERTAINTY_GAP, &ids, &gap).map(Arc::new);
        }
        let Some(facts) = self.contents.metrics.get("projection").cloned() else { return };
        let known: Vec<(ProjectionKey, ProjectionFacts)> = ProjectionKey::all()
            .into_iter()
            .filter_map(|k| Some((k, serde_json::from_value(facts.get(k.name())?.clone()).ok()?)))
            .collect();
        let names: Vec<String> = known.iter().flat_map(|(k, _)| projection::column_names(*k)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let table =
            self.table(paths::PROJECTION, |file, bytes| tables::matrix::from_parquet(file, bytes, &names));
        let Some((ids, matrix)) = table else { return };
        let Some(matrix) = self.align(paths::PROJECTION, &ids, &matrix) else { return };
        for (at, (key, facts)) in known.into_iter().enumerate() {
            let columns = matrix.select_columns(&[2 * at, 2 * at + 1]);
            self.contents.projections.push(Arc::new(Projection::from_columns(key, facts, &columns)));
        }
    }

    fn topology(&mut self) {
        self.contents.bars = self.table(paths::DIAGRAM, tables::diagram::from_parquet).unwrap_or_default();
        if let Some(value) = self.json(paths::CYCLES) {
            match serde_json::from_value::<Vec<Cycle>>(value) {
                Ok(cycles) => self.cycles(cycles),
                Err(e) => self.problem(format!("{} is damaged ({e}); run the topology again", paths::CYCLES)),
            }
        }
        if let Some(table) = self.table(paths::NULLS, tables::numbers::from_parquet) {
            match table.series(NULL_STATISTIC) {
                Some(nulls) => self.contents.nulls = nulls,
                None => self.problem(format!(
                    "{} has no column `{NULL_STATISTIC}`; run the nulls again",
                    paths::NULLS
                )),
            }
        }
    }

    fn cycles(&mut self, cycles: Vec<Cycle>) {
        let (rows, bars) = (self.contents.turns.len(), self.contents.bars.len());
        let inside = |v: &u32| (*v as usize) < rows;
        let before = cycles.len();
        self.contents.cycles = cycles
            .into_iter()
            .filter(|c| c.bar < bars && c.vertices.iter().all(inside) && c.edges.iter().flatten().all(inside))
            .collect();
        let lost = before - self.contents.cycles.len();
        if lost > 0 {
            self.problem(format!(
                "{lost} cycles name bars or turns that are not there; run the topology again"
            ));
        }
    }

    fn metrics(&mut self) {
        for relative in self.listed(paths::METRICS, &["json"]) {
            let Some(value) = self.json(&relative) else { continue };
            let stem = relative.trim_start_matches("metrics/").trim_end_matches(".json").to_owned();
            self.contents.metrics.insert(stem, value);
        }
    }

    fn figures(&mut self) {
        self.contents.figures = self.listed(paths::FIGURES, &["png", "svg", "gif"]);
    }

    /// Files of a folder with one of the endings, those of the manifest and those on disk, sorted.
    fn listed(&mut self, folder: &str, endings: &[&str]) -> Vec<String> {
        let fits = |name: &str| {
            let ending = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
            !name.starts_with('.') && endings.contains(&ending)
        };
        let mut found = BTreeSet::new();
        if let Some(entries) = self.run.path(folder).ok().and_then(|p| std::fs::read_dir(p).ok()) {
            found.extend(
                entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).filter(|n| fits(n)),
            );
        }
        let prefix = format!("{folder}/");
        let known = self.run.manifest().files.keys().filter_map(|k| k.strip_prefix(&prefix));
        found.extend(known.filter(|n| !n.contains('/') && fits(n)).map(str::to_owned));
        found.into_iter().map(|n| format!("{prefix}{n}")).collect()
    }
}

/// Column of `topology/null.parquet` that [`RunContents::nulls`] holds.
pub const NULL_STATISTIC: &str = "longest_h1";

/// One history from those of the five models: for each column its mean over the models still training at that epoch,
/// and beside it "column.dimension" for each model (NaN after its last epoch).
fn merge_histories(parts: &[(Dimension, History)]) -> History {
    let epochs = parts.iter().map(|(_, h)| h.values.len()).max().unwrap_or(0);
    let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let names: BTreeSet<&String> = parts.iter().flat_map(|(_, h)| &h.names).collect();
    for name in names {
        let mut sums = vec![(0.0, 0_usize); epochs];
        for (dimension, history) in parts {
            let Some(mut series) = history.series(name) else { continue };
            for (sum, value) in sums.iter_mut().zip(&series).filter(|(_, v)| v.is_finite()) {
                *sum = (sum.0 + value, sum.1 + 1);
            }
            series.resize(epochs, f64::NAN);
            columns.insert(format!("{name}.{dimension}"), series);
        }
        let mean = |(sum, n): (f64, usize)| if n == 0 { f64::NAN } else { sum / n as f64 };
        columns.insert(name.clone(), sums.into_iter().map(mean).collect());
    }
    let values = (0..epochs)
        .map(|e| columns.values().map(|c| c.get(e).copied().unwrap_or(f64::NAN)).collect())
        .collect();
    History { names: columns.into_keys().collect(), values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::bar::Bar;
    use crate::core::turn::Judgement;
    use crate::run::manifest::{Manifest, ScorerRecord};
    use std::fs;

    const IDS: [&str; 3] = ["t1", "t2", "t3"];

    fn scm(k: f32) -> Matrix {
        Matrix::from_fn(3, 12, |r, c| k + r as f32 * 0.1 + c as f32 * 0.01)
    }

    fn small_run() -> (tempfile::TempDir, RunFolder) {
        let dir = tempfile::tempdir().unwrap();
        let mut run = RunFolder::create(&dir.path().join("run"), Manifest::new("small", 1)).unwrap();
        let turn =
            |id: &&str| Turn { turn_id: (*id).to_owned(), goal_text: "why?".to_owned(), ..Turn::default() };
        let turns: Vec<Turn> = IDS.iter().map(turn).collect();
        let judgement = Judgement {
            turn_id: "t2".to_owned(),
            dimension: Dimension::Clarity,
            score: 80.0,
            rationale: "plain".to_owned(),
            judge: "judge-1".to_owned(),
        };
        let splits = [Split::Train, Split::Validation, Split::Test];
        let history = |n: usize| History {
            names: vec!["loss".to_owned()],
            values: (0..n).map(|e| vec![1.0 / (e + 1) as f64]).collect(),
        };
        let orders = Orders { rows: vec![("D".to_owned(), vec![2, 1, 0])], ..Orders::default() };
        let bar = Bar {
            dim: 1,
            birth: 0.1,
            death: Some(0.4),
            birth_simplex: vec![0, 1],
            death_simplex: vec![0, 1, 2],
        };
        let cycle = |v: u32| Cycle { bar: 0, vertices: vec![0, 1, v], edges: vec![[0, 1], [1, v], [v, 0]] };
        let nulls = History { names: vec![NULL_STATISTIC.to_owned()], values: vec![vec![0.2], vec![0.3]] };
        let reversed = scm(0.2).select_rows(&[2, 1, 0]);
        let files: Vec<(String, Vec<u8>)> = vec![
            (paths::TURNS.into(), tables::turns::to_parquet(&turns).unwrap()),
            (paths::JUDGEMENTS.into(), tables::judgements::to_parquet(&[judgement]).unwrap()),
            (paths::SPLITS.into(), tables::splits::to_parquet(&IDS, &splits).unwrap()),
            (paths::scm("A"), tables::matrix::scm_to_parquet("a", &IDS, &scm(0.3)).unwrap()),
            (paths::scm("B"), tables::matrix::scm_to_parquet("b", &["t3", "t2", "t1"], &reversed).unwrap()),
            (
                paths::history("A", Dimension::Reasoning),
                tables::numbers::to_parquet("h", &history(3)).unwrap(),
            ),
            (
                paths::history("A", Dimension::Coverage),
                tables::numbers::to_parquet("h", &history(1)).unwrap(),
            ),
            (paths::DELTA.into(), tables::matrix::scm_to_parquet("d", &IDS, &scm(0.1)).unwrap()),
            (paths::ORDER.into(), json::to_bytes("o", &orders.to_json()).unwrap()),
            (paths::DIAGRAM.into(), tables::diagram::to_parquet(&[bar]).unwrap()),
            (paths::CYCLES.into(), json::to_bytes("c", &vec![cycle(2), cycle(9)]).unwrap()),
            (paths::NULLS.into(), tables::numbers::to_parquet("n", &nulls).unwrap()),
            (
                paths::metrics("intensity"),
                json::to_bytes("i", &serde_json::json!({"delta_mass": {"value": 0.1}})).unwrap(),
            ),
            ("figures/vpm.svg".into(), b"<svg/>".to_vec()),
        ];
        run.begin_stage("all", &BTreeMap::new()).unwrap();
        for (path, bytes) in &files {
            run.write(path, bytes).unwrap();
        }
        let names: Vec<&str> = files.iter().map(|(p, _)| p.as_str()).collect();
        run.update(|m| {
            let record = ScorerRecord {
                name: "HRM h256".into(),
                weights_hash: "abc".into(),
                ..ScorerRecord::default()
            };
            m.scorers.insert("A".into(), record);
        })
        .unwrap();
        run.finish_stage("all", &names, BTreeMap::new(), 0.0).unwrap();
        run.finish().unwrap();
        (dir, run)
    }

    #[test]
    fn a_run_reads_back_with_every_row_on_its_turn() {
        let (_dir, run) = small_run();
        let c = RunContents::load(run.root()).unwrap();
        assert_eq!(c.problems, ["1 cycles name bars or turns that are not there; run the topology again"]);
        assert_eq!((c.title().as_str(), c.status.as_str()), ("small", "complete"));
        assert_eq!(c.turns.len(), 3);
        assert_eq!(c.splits[2], Split::Test);
        assert_eq!(c.a.as_ref().unwrap().name, "HRM h256");
        assert_eq!(
            c.b.as_ref().unwrap().scm,
            scm(0.2),
            "rows stored in another order come back on their turns"
        );
        assert_eq!(c.delta.as_deref(), Some(&scm(0.1)));
        assert_eq!((c.bars.len(), c.cycles.len(), c.nulls.clone()), (1, 1, vec![0.2, 0.3]));
        assert_eq!(c.number("intensity", "/delta_mass/value"), Some(0.1));
        assert_eq!(c.figures, ["figures/vpm.svg"]);
        assert_eq!(c.orders.rows[0].1, [2, 1, 0]);
        let history = c.a.as_ref().unwrap().history.as_ref().unwrap();
        assert_eq!(history.series("loss").unwrap(), [1.0, 0.5, 1.0 / 3.0]);
        assert!(history.series("loss.coverage").unwrap()[1].is_nan());
        let p = c.provenance("t2").unwrap();
        assert_eq!((p.row, p.judgements.len(), p.a[0]), (1, 1, Some(scm(0.3).get(1, 0))));
        assert_eq!(p.weights_hashes["A"], "abc");
        assert!(c.provenance("t9").is_none());
    }

    #[test]
    fn every_single_file_may_be_lost_or_damaged() {
        let (_dir, run) = small_run();
        let names: Vec<String> = run.manifest().files.keys().cloned().collect();
        for name in names.iter().filter(|n| !n.starts_with("figures")) {
            let path = run.path(name).unwrap();
            let whole = fs::read(&path).unwrap();
            for damage in [None, Some(&whole[..whole.len() / 2]), Some(&b"junk"[..])] {
                match damage {
                    None => fs::remove_file(&path).unwrap(),
                    Some(bytes) => fs::write(&path, bytes).unwrap(),
                }
                let c = RunContents::load(run.root()).unwrap();
                assert!(c.problems.iter().any(|p| p.contains(name.as_str())), "{name}: {:?}", c.problems);
                assert_eq!(c.turns.len(), 3, "{name}");
            }
            fs::write(&path, whole).unwrap();
        }
    }

    #[test]
    fn an_unfinished_run_shows_what_it_has() {
        let (_dir, mut run) = small_run();
        run.begin_stage("all", &BTreeMap::new()).unwrap();
        let live = RunContents::load(run.root()).unwrap();
        assert_eq!(live.status, "running all");
        fs::write(run.path(paths::DELTA).unwrap(), b"PAR1 half").unwrap();
        let root = run.root().to_owned();
        drop(run);
        let c = RunContents::load(&root).unwrap();
        assert_eq!(c.status, "stopped in all");
        assert!(c.a.is_some() && c.delta.is_none());
        assert!(
            c.problems.iter().any(|p| p.starts_with("field/delta.parquet is damaged")),
            "{:?}",
            c.problems
        );
    }

    #[test]
    fn only_a_missing_folder_or_an_unreadable_manifest_is_an_error() {
        let (dir, run) = small_run();
        assert!(matches!(RunContents::load(&dir.path().join("none")), Err(RunError::Missing(_))));
        let path = run.path(paths::MANIFEST).unwrap();
        fs::write(&path, r#"{"format_version": 2, "run_id": "x"}"#).unwrap();
        assert!(matches!(RunContents::load(run.root()), Err(RunError::NewerFormat { .. })));
        fs::write(&path, "").unwrap();
        assert!(matches!(RunContents::load(run.root()), Err(RunError::BrokenManifest { .. })));
    }
}

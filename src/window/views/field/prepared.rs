//! What the Field view shows, computed once for a run, a live picture and a set of choices.

use super::settings::{RowsBy, Settings};
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::field::vpm::Limits;
use crate::field::{delta, order};
use crate::run::contents::{Pass, RunContents};
use crate::window::canvas::numbers;
use crate::window::canvas::vpm_panel::RowSegment;
use crate::window::view::ViewContext;
use std::ops::Range;
use std::sync::Arc;

/// Orders are learned in the window only below this many rows; larger runs bring theirs along.
const LEARN_AT_MOST: usize = 5_000;

/// A matrix shared with whoever holds it: a pass, or plain values. Cloning copies no numbers.
#[derive(Clone)]
pub enum Values {
    /// The scores of a pass.
    Pass(Arc<Pass>),
    /// Values of their own.
    Plain(Arc<Matrix>),
}

impl std::ops::Deref for Values {
    type Target = Matrix;

    fn deref(&self) -> &Matrix {
        match self {
            Self::Pass(pass) => &pass.scm,
            Self::Plain(matrix) => matrix,
        }
    }
}

/// Where the numbers come from: a finished run or the live picture of a job.
pub struct Source {
    /// Scores of A.
    pub a: Values,
    /// Scores of B, once its pass has begun.
    pub b: Option<Values>,
    /// A - B when it is stored.
    pub d: Option<Arc<Matrix>>,
    /// Names of A and B.
    pub names: [String; 2],
    /// Whether rows are still being scored.
    pub live: bool,
}

impl Source {
    /// What can be shown now; `None` when there is no field.
    pub fn of(context: &ViewContext<'_>) -> Option<Self> {
        let job = context.job;
        if let Some(a) =
            job.live.a.as_ref().filter(|a| job.running && a.rows() > 0 && a.cols() == scm::N_COLUMNS)
        {
            let b = job.live.b.clone().filter(|b| b.rows() == a.rows() && b.cols() == a.cols());
            let names = ["pass A".to_owned(), "pass B".to_owned()];
            let (a, b) = (Values::Plain(Arc::clone(a)), b.map(Values::Plain));
            return Some(Self { a, b, d: None, names, live: true });
        }
        let run: &RunContents = context.run?;
        let (a, b, d) = (run.a.as_ref()?, run.b.as_ref()?, run.delta.as_ref()?);
        let shape = |m: &Matrix| (m.rows(), m.cols());
        if d.rows() == 0
            || d.cols() != scm::N_COLUMNS
            || shape(&a.scm) != shape(d)
            || shape(&b.scm) != shape(d)
        {
            return None;
        }
        Some(Self {
            names: [a.name.clone(), b.name.clone()],
            a: Values::Pass(Arc::clone(a)),
            b: Some(Values::Pass(Arc::clone(b))),
            d: Some(Arc::clone(d)),
            live: false,
        })
    }

    /// Changes whenever what is prepared would change.
    pub fn key(&self, context: &ViewContext<'_>, settings: &Settings) -> Key {
        let address = |m: &Values| std::ptr::from_ref::<Matrix>(m) as usize;
        let live = self.live.then(|| (address(&self.a), self.b.as_ref().map_or(0, address)));
        Key { version: context.run_version, live, settings: settings.clone() }
    }
}

impl Key {
    /// Whether both show the same run (a picture of another run must not stand in for this one).
    pub fn same_run(&self, other: &Self) -> bool {
        self.version == other.version && self.live.is_some() == other.live.is_some()
    }
}

/// What decides the prepared picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    version: u64,
    live: Option<(usize, usize)>,
    settings: Settings,
}

/// Words beside a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterLabel {
    /// Mean D that names it (signed).
    pub delta: f64,
    /// "B higher".
    pub who: String,
    /// "on coverage"; empty when the minds agree.
    pub on: String,
    /// "62 turns".
    pub turns: String,
}

/// One panel's numbers.
pub struct Panel {
    /// Values shown, `[rows, 12]`.
    pub values: Values,
    /// First and last colour.
    pub limits: Limits,
    /// Mean of each column over the turns that have it.
    pub means: Vec<f64>,
    /// The number at the right of its head.
    pub note: String,
    /// The same for a narrow panel.
    pub short_note: String,
}

/// Everything the view shows that does not depend on its size.
pub struct Prepared {
    /// What it was computed for.
    pub key: Key,
    /// Counts the preparations: key for the textures.
    pub serial: u64,
    /// A, B, D; `None` while a pass has not begun.
    pub panels: [Option<Panel>; 3],
    /// Names of A and B.
    pub names: [String; 2],
    /// Position -> row.
    pub order: Arc<Vec<u32>>,
    /// Row -> position.
    pub position_of: Vec<u32>,
    /// Clusters as runs of positions; one segment for other orders.
    pub segments: Vec<RowSegment>,
    /// Words beside each segment.
    pub labels: Vec<ClusterLabel>,
    /// Shown columns and their groups.
    pub columns: Vec<usize>,
    /// Runs of places and their names.
    pub groups: Vec<(Range<usize>, String)>,
    /// Whether PHOS can be shown, or why not.
    pub phos: Result<(), &'static str>,
    /// Rows scored so far while live (A, B).
    pub scored: Option<[usize; 2]>,
    /// Mean D of length when it is not zero: the instrument's self-check failed.
    pub length_bias: Option<f64>,
    summary: String,
}

impl Prepared {
    /// Computes everything.
    pub fn new(
        key: Key,
        serial: u64,
        source: &Source,
        run: Option<&RunContents>,
        settings: &Settings,
    ) -> Self {
        let rows = source.a.rows();
        let (a, b) = if settings.standardised && !source.live {
            let z = |m: &Values| Values::Plain(Arc::new(delta::standardise(m)));
            (z(&source.a), source.b.as_ref().map(z))
        } else {
            (source.a.clone(), source.b.clone())
        };
        let d = match (&source.d, &b) {
            (Some(d), _) if !settings.standardised => Some(Arc::clone(d)),
            (_, Some(b)) => {
                Some(Arc::new(Matrix::from_fn(rows, scm::N_COLUMNS, |r, c| a.get(r, c) - b.get(r, c))))
            }
            _ => None,
        };
        let run = run.filter(|_| !source.live);
        let phos = phos_state(run);
        let order = shown_order(run, d.as_deref(), rows, settings, source.live);
        let mut position_of = vec![0_u32; rows];
        for (position, row) in order.rows.iter().enumerate() {
            position_of[*row] = position as u32;
        }
        let (segments, labels) = clusters(&order, d.as_deref());
        let (columns, groups) = shown_columns(run, settings, phos.is_ok());
        let length_bias = d.as_ref().and_then(|d| column_mean(d, scm::LENGTH)).filter(|m| m.abs() > 1e-6);
        let scored =
            source.live.then(|| [scored_rows(&source.a), source.b.as_ref().map_or(0, |b| scored_rows(b))]);
        let panels = make_panels(&a, b.as_ref(), d.as_ref(), run, settings);
        let summary = summary(rows, &columns, panels[2].as_ref(), run);
        Self {
            key,
            serial,
            panels,
            names: source.names.clone(),
            order: Arc::new(order.rows.iter().map(|r| *r as u32).collect()),
            position_of,
            segments,
            labels,
            columns,
            groups,
            phos,
            scored,
            length_bias: if settings.standardised { None } else { length_bias },
            summary,
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.order.len()
    }

    /// The row at a position.
    pub fn row_at(&self, position: usize) -> Option<usize> {
        self.order.get(position).map(|r| *r as usize)
    }

    /// The position of a row.
    pub fn position(&self, row: usize) -> Option<usize> {
        self.position_of.get(row).map(|p| *p as usize)
    }

    /// Shown value of a panel.
    pub fn value(&self, panel: usize, row: usize, column: usize) -> f64 {
        self.panels[panel].as_ref().map_or(f64::NAN, |p| f64::from(p.values.get(row, column)))
    }

    /// The sentence for screen readers.
    pub fn summary(&self) -> String {
        self.summary.clone()
    }
}

fn make_panels(
    a: &Values,
    b: Option<&Values>,
    d: Option<&Arc<Matrix>>,
    run: Option<&RunContents>,
    settings: &Settings,
) -> [Option<Panel>; 3] {
    let both: Vec<&Matrix> = std::iter::once::<&Matrix>(a).chain(b.map(|b| &**b)).collect();
    let score_limits = settings.limits.of_scores(&both, settings.standardised);
    let score_panel = |m: &Values| {
        let means: Vec<f64> = (0..m.cols()).map(|c| column_mean(m, c).unwrap_or(f64::NAN)).collect();
        let five: Vec<f64> = means[scm::SCORES].iter().copied().filter(|v| v.is_finite()).collect();
        let note = crate::core::stats::mean(&five)
            .map_or_else(String::new, |v| format!("mean {}", numbers::fixed(v, 2)));
        Panel { values: m.clone(), limits: score_limits.clone(), means, short_note: note.clone(), note }
    };
    let delta_panel = |m: &Arc<Matrix>| {
        let (note, short_note) = delta_notes(m, run.filter(|_| !settings.standardised));
        Panel {
            values: Values::Plain(Arc::clone(m)),
            limits: settings.limits.of_delta(m, settings.standardised),
            means: (0..m.cols()).map(|c| column_mean(m, c).unwrap_or(f64::NAN)).collect(),
            note,
            short_note,
        }
    };
    [Some(score_panel(a)), b.map(score_panel), d.map(delta_panel)]
}

/// "mean |D| 0.172 ± 0.010" with the interval when the run has measured it.
fn delta_notes(d: &Matrix, run: Option<&RunContents>) -> (String, String) {
    let stored = run.and_then(|r| r.number("intensity", "/delta_mass/value"));
    let Some(mean) = stored.or_else(|| mean_abs(d)) else { return (String::new(), String::new()) };
    let short = format!("mean |D| {}", numbers::fixed(mean, 3));
    let bound = |end: &str| run.and_then(|r| r.number("intensity", &format!("/delta_mass/{end}")));
    match (bound("low"), bound("high")) {
        (Some(low), Some(high)) => {
            (format!("{short} ± {}", numbers::fixed((high - low).abs() / 2.0, 3)), short)
        }
        _ => (short.clone(), short),
    }
}

fn mean_abs(d: &Matrix) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0_usize);
    for r in 0..d.rows() {
        for v in d.row(r)[scm::SCORES].iter().filter(|v| v.is_finite()) {
            sum += f64::from(v.abs());
            n += 1;
        }
    }
    (n > 0).then(|| sum / n as f64)
}

fn column_mean(m: &Matrix, column: usize) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0_usize);
    for r in 0..m.rows() {
        let v = m.get(r, column);
        if v.is_finite() {
            sum += f64::from(v);
            n += 1;
        }
    }
    (n > 0).then(|| sum / n as f64)
}

/// Rows with at least one value, counted from the start: a pass scores in time order.
fn scored_rows(m: &Matrix) -> usize {
    (0..m.rows()).rev().find(|&r| m.row(r).iter().any(|v| v.is_finite())).map_or(0, |r| r + 1)
}

fn phos_state(run: Option<&RunContents>) -> Result<(), &'static str> {
    let Some(run) = run else { return Err("PHOS waits until both passes are done") };
    if !run.orders.phos_kept {
        return Err("PHOS does not raise the concentration of this field by 2%, so the raw order stays");
    }
    let complete = run.orders.phos_columns.len() == scm::N_COLUMNS;
    if complete { Ok(()) } else { Err("This run has no PHOS order") }
}

/// The order and, for clusters, which cluster each row belongs to.
struct Shown {
    rows: Vec<usize>,
    cluster_of: Vec<usize>,
}

fn shown_order(
    run: Option<&RunContents>,
    d: Option<&Matrix>,
    rows: usize,
    settings: &Settings,
    live: bool,
) -> Shown {
    let time = || Shown { rows: (0..rows).collect(), cluster_of: Vec::new() };
    let Some(d) = d.filter(|_| !live) else { return time() };
    let stored = |name: &str| {
        let found = run?.orders.rows.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        is_permutation(&found.1, rows).then(|| found.1.clone())
    };
    let learned = |order: order::RowOrder| {
        (rows <= LEARN_AT_MOST).then(|| {
            let found = order::row_order(&order, d, 0);
            Shown { rows: found.rows, cluster_of: found.cluster_of }
        })
    };
    let plain = |rows| Shown { rows, cluster_of: Vec::new() };
    let by = if settings.phos { RowsBy::Phos } else { settings.rows_by };
    match by {
        RowsBy::Time => time(),
        RowsBy::Delta => plain(order::by_value(&order::mean_scores(d))),
        RowsBy::Column(c) => {
            plain(order::by_value(&d.column(c).into_iter().map(f64::from).collect::<Vec<_>>()))
        }
        RowsBy::Phos => {
            stored("phos").map(plain).or_else(|| learned(order::RowOrder::Phos)).unwrap_or_else(time)
        }
        RowsBy::Cluster => {
            let clusters = run.map(|r| &r.orders.clusters).filter(|c| c.len() == rows);
            match (stored("cluster"), clusters) {
                (Some(rows), Some(clusters)) => Shown { rows, cluster_of: clusters.clone() },
                _ => learned(order::RowOrder::Cluster).unwrap_or_else(time),
            }
        }
    }
}

fn is_permutation(order: &[usize], n: usize) -> bool {
    let mut seen = vec![false; n];
    order.len() == n && order.iter().all(|&r| r < n && !std::mem::replace(&mut seen[r], true))
}

fn clusters(order: &Shown, d: Option<&Matrix>) -> (Vec<RowSegment>, Vec<ClusterLabel>) {
    let n = order.rows.len();
    let (Some(d), false) = (d, order.cluster_of.is_empty()) else {
        return (vec![RowSegment { positions: 0..n, index: 0 }], Vec::new());
    };
    let mut segments: Vec<RowSegment> = Vec::new();
    let mut start = 0;
    for position in 1..=n {
        let ends = position == n
            || order.cluster_of[order.rows[position]] != order.cluster_of[order.rows[position - 1]];
        if ends {
            segments.push(RowSegment { positions: start..position, index: segments.len() });
            start = position;
        }
    }
    let labels = segments.iter().map(|s| cluster_label(d, &order.rows[s.positions.clone()])).collect();
    (segments, labels)
}

/// Names a cluster by the dimension on which its mean difference is largest.
pub fn cluster_label(d: &Matrix, rows: &[usize]) -> ClusterLabel {
    let turns = numbers::counted(rows.len(), "turn", "turns");
    let mut best: Option<(usize, f64)> = None;
    for column in scm::SCORES {
        let values: Vec<f64> =
            rows.iter().map(|&r| f64::from(d.get(r, column))).filter(|v| v.is_finite()).collect();
        if let Some(mean) = crate::core::stats::mean(&values)
            && best.is_none_or(|(_, m)| mean.abs() > m.abs())
        {
            best = Some((column, mean));
        }
    }
    match best {
        Some((column, delta)) if delta.abs() >= 0.02 => ClusterLabel {
            delta,
            who: numbers::who_is_higher(delta).to_owned(),
            on: format!("on {}", scm::SHORT[column]),
            turns,
        },
        Some((_, delta)) => {
            ClusterLabel { delta: delta * 0.0, who: "agree".to_owned(), on: String::new(), turns }
        }
        None => ClusterLabel { delta: f64::NAN, who: "missing".to_owned(), on: String::new(), turns },
    }
}

fn shown_columns(
    run: Option<&RunContents>,
    settings: &Settings,
    has_phos: bool,
) -> (Vec<usize>, Vec<(Range<usize>, String)>) {
    let groups = settings.columns.groups();
    let end = groups.last().map_or(0, |g| g.end);
    if settings.phos
        && has_phos
        && let Some(run) = run
    {
        let columns: Vec<usize> = run.orders.phos_columns.iter().copied().filter(|c| *c < end).collect();
        let n = columns.len();
        return (columns, vec![(0..n, "PHOS order".to_owned())]);
    }
    let columns = (0..end).collect();
    (columns, groups.iter().map(|g| (g.start..g.end, g.name.to_owned())).collect())
}

fn summary(rows: usize, columns: &[usize], d: Option<&Panel>, run: Option<&RunContents>) -> String {
    let shape = format!("field, {} by {} columns", numbers::counted(rows, "turn", "turns"), columns.len());
    let Some(d) = d else { return format!("{shape}, pass B not scored yet") };
    let mut largest: Option<(usize, usize, f64)> = None;
    for r in 0..d.values.rows() {
        for c in scm::SCORES {
            let v = f64::from(d.values.get(r, c));
            if v.is_finite() && largest.is_none_or(|(_, _, m)| v.abs() > m.abs()) {
                largest = Some((r, c, v));
            }
        }
    }
    let Some((row, column, v)) = largest else { return format!("{shape}, no difference known") };
    let turn = run
        .and_then(|r| r.turns.get(row))
        .map_or_else(|| format!("row {}", row + 1), |t| format!("turn {}", t.turn_id));
    format!(
        "{shape}, largest difference {}, {}, {}, {turn}",
        numbers::fixed(v.abs(), 2),
        numbers::who_is_higher(v),
        scm::SHORT[column]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_named_by_its_largest_mean_difference() {
        let d = Matrix::from_fn(4, 12, |r, c| if c == 4 { -0.5 } else { 0.1 * r as f32 });
        let label = cluster_label(&d, &[0, 1, 2]);
        assert_eq!((label.who.as_str(), label.on.as_str()), ("B higher", "on coverage"));
        assert_eq!(label.turns, "3 turns");
        let zero = Matrix::zeros(3, 12);
        assert_eq!(cluster_label(&zero, &[0]).who, "agree");
        assert_eq!(cluster_label(&Matrix::filled(2, 12, f32::NAN), &[0, 1]).who, "missing");
    }

    #[test]
    fn a_broken_stored_order_is_not_believed() {
        assert!(is_permutation(&[2, 0, 1], 3));
        assert!(!is_permutation(&[0, 0, 1], 3));
        assert!(!is_permutation(&[0, 1], 3));
        assert!(!is_permutation(&[0, 1, 7], 3));
    }

    #[test]
    fn rows_scored_so_far_are_counted_from_the_start() {
        let m = Matrix::from_fn(5, 12, |r, _| if r < 3 { 0.5 } else { f32::NAN });
        assert_eq!(scored_rows(&m), 3);
        assert_eq!(scored_rows(&Matrix::filled(2, 12, f32::NAN)), 0);
    }
}

//! Either scorer behind one face: its shape, its parameters and its forward pass.

use super::heads::Heads;
use super::hrm::HrmConfig;
use super::kernels::Kernels;
use super::ops::{Activation, columns};
use super::params::{Params, Specs};
use super::tiny::TinyConfig;
use super::wide::Wide;
use serde::{Deserialize, Serialize};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScorerKind {
    /// The hierarchical recursive scorer.
    Hrm,
    /// The tiny recursive scorer.
    Tiny,
}

impl ScorerKind {
    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hrm => "hrm",
            Self::Tiny => "tiny",
        }
    }
}

/// The shape of a scorer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ScorerConfig {
    /// HRM's shape.
    Hrm(HrmConfig),
    /// Tiny's shape.
    Tiny(TinyConfig),
}

/// How to run a forward pass.
#[derive(Clone, Default)]
pub struct Forward {
    /// Scaled dropout masks, empty for none.
    pub dropout: Vec<Activation>,
    /// Starting thought of Tiny, zero unless given.
    pub z0: Option<Activation>,
    /// Clamp log_var.
    pub guardrails: bool,
    /// Keep named inner states.
    pub trace: bool,
    /// Which form computes the body; `None` takes the process's ([`super::kernels::chosen`]).
    pub kernels: Option<Kernels>,
}

impl Forward {
    /// Whether hand-written kernels may compute.
    pub fn fused(&self) -> bool {
        self.kernels.unwrap_or_else(super::kernels::chosen) == Kernels::Fused
    }
}

impl Forward {
    /// As used for scoring: no dropout, log_var clamped.
    pub fn scoring() -> Self {
        Self { guardrails: true, ..Self::default() }
    }
}

impl ScorerConfig {
    /// Default shape of that kind for embeddings of that width.
    pub fn for_width(kind: ScorerKind, width: usize) -> Self {
        match kind {
            ScorerKind::Hrm => Self::Hrm(HrmConfig::for_width(width)),
            ScorerKind::Tiny => Self::Tiny(TinyConfig::for_width(width)),
        }
    }

    /// Which of the two.
    pub fn kind(&self) -> ScorerKind {
        match self {
            Self::Hrm(_) => ScorerKind::Hrm,
            Self::Tiny(_) => ScorerKind::Tiny,
        }
    }

    /// Width of the embeddings it reads.
    pub fn embedding(&self) -> usize {
        match self {
            Self::Hrm(c) => c.embedding,
            Self::Tiny(c) => c.width,
        }
    }

    /// Width of the state the heads read.
    pub fn state(&self) -> usize {
        match self {
            Self::Hrm(c) => c.high,
            Self::Tiny(c) => c.width,
        }
    }

    /// Shapes of the dropout masks for so many rows: each `(rows, width)`.
    pub fn dropout_widths(&self) -> Vec<usize> {
        match self {
            Self::Hrm(c) => vec![c.high],
            Self::Tiny(c) => vec![4 * c.width; c.layers],
        }
    }

    /// Name shown when the run gives none ("HRM h256", "Tiny d256").
    pub fn title(&self) -> String {
        match self {
            Self::Hrm(c) => format!("HRM h{}", c.high),
            Self::Tiny(c) => format!("Tiny d{}", c.width),
        }
    }

    /// Every parameter with its shape and start: the core's, then the wide path's.
    pub fn specs(&self) -> Specs {
        let mut specs = match self {
            Self::Hrm(c) => c.specs(),
            Self::Tiny(c) => c.specs(),
        };
        if let Some(wide) = self.wide() {
            wide.specs(&mut specs, self.embedding(), self.readouts());
        }
        specs
    }

    /// What it reads beside goal and answer, if anything.
    pub fn wide(&self) -> Option<&Wide> {
        match self {
            Self::Hrm(c) => c.wide.as_ref(),
            Self::Tiny(c) => c.wide.as_ref(),
        }
    }

    /// The same shape with another wide path.
    pub fn with_wide(mut self, wide: Option<Wide>) -> Self {
        match &mut self {
            Self::Hrm(c) => c.wide = wide,
            Self::Tiny(c) => c.wide = wide,
        }
        self
    }

    /// Heads whose logits the wide path adds to by a linear readout.
    pub fn readouts(&self) -> &'static [&'static str] {
        match (self, self.wide().is_some_and(|wide| wide.every_head)) {
            (Self::Hrm(_), false) => &["score", "log_var", "disagree"],
            (Self::Hrm(_), true) => &["score", "log_var", "disagree", "aux3", "halt"],
            (Self::Tiny(_), false) => &["score", "log_var", "disagree", "agree"],
            (Self::Tiny(_), true) => {
                &["score", "log_var", "disagree", "agree", "aux3", "halt", "sensitivity"]
            }
        }
    }

    /// Columns of `x` it needs: the goal's embedding and whatever the wide path reads behind it.
    pub fn input(&self) -> usize {
        self.wide().map_or(self.embedding(), |wide| wide.input(self.embedding()))
    }

    /// All heads for `x` `[1 or models, rows, input or more]`, `y` `[1 or models, rows, embedding]`. The core reads the
    /// goal's embedding alone, whatever stands behind it in `x`.
    pub fn forward(&self, p: &Params, x: &Activation, y: &Activation, how: &Forward) -> Heads {
        let d = self.embedding();
        let goal = if x.dims()[2] > d { columns(x, 0, d) } else { x.clone() };
        let heads = self.core(p, &goal, y, how);
        match self.wide() {
            Some(wide) => wide.add(p, x, y, heads, how.guardrails),
            None => heads,
        }
    }

    fn core(&self, p: &Params, x: &Activation, y: &Activation, how: &Forward) -> Heads {
        match self {
            Self::Hrm(c) => c.forward(p, x, y, how),
            Self::Tiny(c) => c.forward(p, x, y, how),
        }
    }
}

//! Either scorer behind one face: its shape, its parameters and its forward pass.

use super::heads::Heads;
use super::hrm::HrmConfig;
use super::kernels::Kernels;
use super::ops::Activation;
use super::params::{Params, Specs};
use super::tiny::TinyConfig;
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

    /// Every parameter with its shape and start.
    pub fn specs(&self) -> Specs {
        match self {
            Self::Hrm(c) => c.specs(),
            Self::Tiny(c) => c.specs(),
        }
    }

    /// All heads for `x`, `y` `[1 or models, rows, embedding]`.
    pub fn forward(&self, p: &Params, x: &Activation, y: &Activation, how: &Forward) -> Heads {
        match self {
            Self::Hrm(c) => c.forward(p, x, y, how),
            Self::Tiny(c) => c.forward(p, x, y, how),
        }
    }
}

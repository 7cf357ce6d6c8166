//! What can be changed while a job runs: whether it waits, and how fast its training learns.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Live changes of a running job; cloned freely, all clones are one.
#[derive(Clone, Debug)]
pub struct Control(Arc<Cells>);

#[derive(Debug)]
struct Cells {
    rate_factor: AtomicU64,
    paused: AtomicBool,
    waited_ms: AtomicU64,
    stop_after: AtomicUsize,
    /// Bits of the factor asked for before the training began; not a number for none.
    asked_factor: AtomicU64,
}

impl Default for Control {
    fn default() -> Self {
        Self(Arc::new(Cells {
            rate_factor: AtomicU64::new(1.0_f64.to_bits()),
            paused: AtomicBool::new(false),
            waited_ms: AtomicU64::new(0),
            stop_after: AtomicUsize::new(0),
            asked_factor: AtomicU64::new(f64::NAN.to_bits()),
        }))
    }
}

/// How long a paused job sleeps before it looks again.
const NAP: Duration = Duration::from_millis(20);

impl Control {
    /// Multiplies the planned learning rate from the next epoch on. Whole epochs keep one factor, so that the history
    /// of a training says how to repeat it.
    pub fn set_rate_factor(&self, factor: f64) {
        self.0.rate_factor.store(factor.to_bits(), Ordering::Relaxed);
    }

    /// The factor now.
    pub fn rate_factor(&self) -> f64 {
        f64::from_bits(self.0.rate_factor.load(Ordering::Relaxed))
    }

    /// Asks the next training that starts (or goes on) to do so with this factor, whatever it had when it stopped.
    pub fn ask_rate_factor(&self, factor: f64) {
        self.0.asked_factor.store(factor.to_bits(), Ordering::Relaxed);
    }

    /// The factor asked for, once.
    pub fn take_asked_factor(&self) -> Option<f64> {
        let asked = f64::from_bits(self.0.asked_factor.swap(f64::NAN.to_bits(), Ordering::Relaxed));
        (!asked.is_nan()).then_some(asked)
    }

    /// Lets the job wait where it stands, or go on. It keeps all it has in memory, so going on changes no number.
    pub fn set_paused(&self, paused: bool) {
        self.0.paused.store(paused, Ordering::Relaxed);
    }

    /// Whether the job waits (or will, at its next look).
    pub fn is_paused(&self) -> bool {
        self.0.paused.load(Ordering::Relaxed)
    }

    /// Ends the first training that finishes this epoch (from 1; 0 for none), its state saved for a later resume.
    pub fn set_stop_after(&self, epoch: usize) {
        self.0.stop_after.store(epoch, Ordering::Relaxed);
    }

    /// Whether a training is to end after this epoch.
    pub fn stops_after(&self, epoch: usize) -> bool {
        epoch > 0 && self.0.stop_after.load(Ordering::Relaxed) == epoch
    }

    /// Seconds the job has waited so far.
    pub fn waited_seconds(&self) -> f64 {
        self.0.waited_ms.load(Ordering::Relaxed) as f64 / 1000.0
    }

    /// Waits while paused, unless `give_up` says that the job is to end.
    pub(super) fn wait(&self, give_up: impl Fn() -> bool) {
        while self.is_paused() && !give_up() {
            std::thread::sleep(NAP);
            self.0.waited_ms.fetch_add(NAP.as_millis() as u64, Ordering::Relaxed);
        }
    }
}

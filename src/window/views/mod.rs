//! The views of the centre, one a file.

pub mod device;
pub mod missing;
pub mod start;

use crate::window::view::{View, ViewKind};

/// All views, made once.
pub struct Views(Vec<Box<dyn View>>);

impl Default for Views {
    fn default() -> Self {
        Self(vec![
            Box::new(start::Start::default()),
            Box::new(missing::Missing(ViewKind::Data)),
            Box::new(missing::Missing(ViewKind::Train)),
            Box::new(missing::Missing(ViewKind::Field)),
            Box::new(missing::Missing(ViewKind::Topology)),
            Box::new(missing::Missing(ViewKind::Runs)),
            Box::new(device::Device),
        ])
    }
}

impl Views {
    /// The view of that kind.
    pub fn get(&mut self, kind: ViewKind) -> Option<&mut Box<dyn View>> {
        self.0.iter_mut().find(|v| v.kind() == kind)
    }
}

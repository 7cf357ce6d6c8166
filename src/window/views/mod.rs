//! The views of the centre, one a file.

mod colour_key;
pub mod data;
pub mod device;
pub mod field;
pub mod frontier;
mod map_head;
mod plane;
pub mod projection;
pub mod report;
pub mod runs;
pub mod start;
pub mod timeline;
pub mod topology;
pub mod train;
mod turn_list;

use crate::window::view::{View, ViewKind};

/// All views, made once.
pub struct Views(Vec<Box<dyn View>>);

impl Default for Views {
    fn default() -> Self {
        Self(vec![
            Box::new(start::Start::default()),
            Box::new(data::Data::default()),
            Box::<train::TrainView>::default(),
            Box::<field::FieldView>::default(),
            Box::<frontier::FrontierView>::default(),
            Box::<topology::TopologyView>::default(),
            Box::<projection::ProjectionView>::default(),
            Box::<timeline::TimelineView>::default(),
            Box::<report::ReportView>::default(),
            Box::new(runs::Runs::default()),
            Box::new(device::Device),
        ])
    }
}

impl Views {
    /// Whether any view waits for work on a thread.
    pub fn is_busy(&self) -> bool {
        self.0.iter().any(|v| v.is_busy())
    }

    /// The view of that kind.
    pub fn get(&mut self, kind: ViewKind) -> Option<&mut Box<dyn View>> {
        self.0.iter_mut().find(|v| v.kind() == kind)
    }
}

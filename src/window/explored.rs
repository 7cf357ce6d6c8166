//! Another topology of the open run: asked for, shown, and left again.

use crate::core::item::Item;
use crate::job::JobHandle;
use crate::pipeline::topology::Exploration;
use crate::run::contents::RunContents;
use crate::window::app::App;
use std::sync::Arc;

impl App {
    pub(super) fn explore(&mut self, wanted: Exploration) {
        let Some(declared) = self.exploring.declared().or(self.run.as_ref()).cloned() else {
            self.fail("No topology to compute", "open a run first", None);
            return;
        };
        let (explore, run, asked) = (self.services.explore, Arc::clone(&declared), wanted.clone());
        match JobHandle::spawn("topology", move |ctx| explore(&run, &asked, ctx)) {
            Ok(handle) => self.exploring.begin(handle, wanted, declared),
            Err(error) => self.fail("The topology was not computed", &error.to_string(), None),
        }
    }

    pub(super) fn show_declared(&mut self) {
        if let Some(declared) = self.exploring.back() {
            self.show_topology_of(declared);
        }
    }

    pub(crate) fn explored(&mut self, outcome: anyhow::Result<RunContents>) {
        match outcome {
            Ok(run) => self.show_topology_of(Arc::new(run)),
            Err(error) => {
                self.show_declared();
                self.fail("The topology was not computed", &format!("{error:#}"), None);
            }
        }
    }

    /// The same run with other bars: what was selected among the old ones is no more.
    fn show_topology_of(&mut self, run: Arc<RunContents>) {
        self.run = Some(run);
        self.run_version += 1;
        if matches!(self.selection.selected, Some(Item::Bar(_))) {
            self.selection.selected = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::command::Command;
    use crate::window::shot::offline_services;

    #[test]
    fn another_topology_is_shown_and_left_again() {
        let ctx = egui::Context::default();
        let mut app = App::new(&ctx, offline_services(), None);
        app.show_run(crate::figure::fixture::run());
        let declared = Arc::clone(app.run().unwrap());
        app.wish(Command::Select(Some(Item::Bar(48))));
        let cloud = crate::core::cloud::CloudChoice { standardise: true, ..Default::default() };
        let wanted = Exploration { nulls: 9, cloud, ..Exploration::default() };
        app.wish(Command::ExploreTopology(Box::new(wanted)));
        app.apply_all(&ctx);
        assert!(app.exploring.status.running && app.is_busy());
        while app.exploring.is_running() {
            app.logic(&ctx);
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        app.apply_all(&ctx);
        let shown = Arc::clone(app.run().unwrap());
        assert_eq!(shown.metrics["topology"]["exploratory"], serde_json::json!(true));
        assert_eq!((shown.nulls.len(), shown.turns.len()), (9, declared.turns.len()));
        assert_eq!(app.selection().selected, None, "the bar chosen before is no more");
        app.wish(Command::DeclaredTopology);
        app.apply_all(&ctx);
        assert!(Arc::ptr_eq(app.run().unwrap(), &declared));
        // A choice that cannot be leaves the declared topology where it is.
        let cloud = crate::core::cloud::CloudChoice { columns: vec!["beauty".into()], ..Default::default() };
        app.wish(Command::ExploreTopology(Box::new(Exploration { cloud, ..Exploration::default() })));
        app.apply_all(&ctx);
        while app.exploring.is_running() {
            app.logic(&ctx);
        }
        assert!(Arc::ptr_eq(app.run().unwrap(), &declared));
    }
}

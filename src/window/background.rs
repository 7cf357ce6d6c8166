//! One piece of work on a named thread whose answer the window picks up in a later frame.

use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

/// Work under way, or nothing.
pub struct Background<T>(Option<Receiver<T>>);

impl<T> Default for Background<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Send + 'static> Background<T> {
    /// Starts `work` on a thread called `name`; earlier work still under way is forgotten. The context is asked to
    /// draw again when the answer is there.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(
        &mut self,
        name: &str,
        ctx: &egui::Context,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> std::io::Result<()> {
        let (sender, receiver) = sync_channel(1);
        let ctx = ctx.clone();
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let answer = work();
            // The window may be gone or may have started newer work: then nobody wants the answer.
            let _unwanted = sender.send(answer);
            ctx.request_repaint();
        })?;
        self.0 = Some(receiver);
        Ok(())
    }

    /// Whether work is under way.
    pub fn is_running(&self) -> bool {
        self.0.is_some()
    }

    /// The answer, once.
    pub fn poll(&mut self) -> Option<T> {
        match self.0.as_ref()?.try_recv() {
            Ok(answer) => {
                self.0 = None;
                Some(answer)
            }
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                self.0 = None;
                None
            }
        }
    }

    /// Waits for the answer; never in a frame.
    #[cfg(test)]
    pub fn wait(&mut self) -> Option<T> {
        self.0.take()?.recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_work_answers() {
        let ctx = egui::Context::default();
        let mut work = Background::default();
        work.start("first", &ctx, || 1).unwrap();
        work.start("second", &ctx, || 2).unwrap();
        assert_eq!(work.wait(), Some(2));
        assert!(!work.is_running());
    }

    #[test]
    fn a_panic_ends_the_work_without_an_answer() {
        let ctx = egui::Context::default();
        let mut work: Background<u8> = Background::default();
        work.start("bad", &ctx, || panic!("boom")).unwrap();
        assert_eq!(work.wait(), None);
    }
}

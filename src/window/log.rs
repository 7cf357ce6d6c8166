//! What happened since the window opened, newest last; a ring of bounded length.

use crate::window::command::Severity;
use std::collections::VecDeque;
use std::time::SystemTime;

/// Lines kept.
const MOST: usize = 2000;

/// One line of the log.
#[derive(Clone, Debug)]
pub struct Line {
    /// When.
    pub at: SystemTime,
    /// How it is meant.
    pub severity: Severity,
    /// What happened.
    pub text: String,
}

/// The log of this session.
#[derive(Clone, Debug, Default)]
pub struct Log(VecDeque<Line>);

impl Log {
    /// Adds a line.
    pub fn push(&mut self, severity: Severity, text: String) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(Line { at: SystemTime::now(), severity, text });
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing happened yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The line at that place.
    pub fn get(&self, index: usize) -> Option<&Line> {
        self.0.get(index)
    }
}

/// Hours, minutes and seconds (UTC) of a time.
pub fn clock(at: SystemTime) -> String {
    let s = at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs()) % 86_400;
    format!("{:02}:{:02}:{:02}", s / 3600, (s / 60) % 60, s % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_forgets_the_oldest() {
        let mut log = Log::default();
        for i in 0..MOST + 5 {
            log.push(Severity::Info, i.to_string());
        }
        assert_eq!((log.len(), log.get(0).unwrap().text.as_str()), (MOST, "5"));
    }
}

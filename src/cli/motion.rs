//! Whether the operating system asks programs for less motion, where that can be read without its libraries.

use std::process::{Command, Stdio};

/// True when animations are turned off: by `GTK_ENABLE_ANIMATIONS=0`, else in the settings of a GNOME desktop. Other
/// systems say nothing here, and the window's own setting decides. Slow: it may start a program.
pub(super) fn is_reduced() -> bool {
    let named = std::env::var("GTK_ENABLE_ANIMATIONS").ok();
    named.as_deref().and_then(animations).or_else(gnome_animations).is_some_and(|on| !on)
}

/// What `gsettings` of GNOME says; nothing where there is none.
fn gnome_animations() -> Option<bool> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let asked = ["get", "org.gnome.desktop.interface", "enable-animations"];
    let said =
        Command::new("gsettings").args(asked).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    animations(&String::from_utf8_lossy(&said.stdout)).filter(|_| said.status.success())
}

/// Whether a setting in words turns animations on or off.
fn animations(words: &str) -> Option<bool> {
    match words.trim() {
        "0" | "false" => Some(false),
        "1" | "true" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_understood_and_nonsense_says_nothing() {
        assert_eq!((animations("0"), animations("false\n")), (Some(false), Some(false)));
        assert_eq!((animations("1"), animations(" true\n")), (Some(true), Some(true)));
        assert_eq!((animations(""), animations("No such schema")), (None, None));
    }
}

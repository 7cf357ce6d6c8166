//! Words around numbers that the canvases and views share; the plain formats are `window::format`.

pub use crate::window::format::{count, counted, duration, fixed, signed};

/// The true minus sign.
pub const MINUS: char = '\u{2212}';
/// What stands for a value that is not there.
pub const MISSING: &str = "missing";

/// `p = 0.005`: three decimals, more below 0.001, never zero.
pub fn p_value(p: f64) -> String {
    if !p.is_finite() {
        return "p unknown".to_owned();
    }
    let mut decimals = 3;
    while decimals < 8 && p > 0.0 && p < 0.5 * 10_f64.powi(-decimals) {
        decimals += 1;
    }
    format!("p = {p:.*}", decimals as usize)
}

/// A value with two decimals, or "missing".
pub fn value(v: f64) -> String {
    if v.is_finite() { fixed(v, 2) } else { MISSING.to_owned() }
}

/// Who is higher, in words that agree with the rounded number: the sign convention of every difference.
pub fn who_is_higher(delta: f64) -> &'static str {
    if !delta.is_finite() {
        return "not comparable";
    }
    match signed(delta, 2).chars().next() {
        Some('+') => "A higher",
        Some(MINUS) => "B higher",
        _ => "equal",
    }
}

/// `−0.64, B higher`.
pub fn delta_words(delta: f64) -> String {
    if delta.is_finite() {
        format!("{}, {}", signed(delta, 2), who_is_higher(delta))
    } else {
        MISSING.to_owned()
    }
}

/// A hash shortened to its first characters (`9b41e0…`).
pub fn short_hash(hash: &str) -> String {
    if hash.chars().count() <= 8 {
        hash.to_owned()
    } else {
        format!("{}…", hash.chars().take(6).collect::<String>())
    }
}

/// How many words a text has.
pub fn words_in(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_follows_the_rounded_number() {
        assert_eq!(delta_words(-0.64), "−0.64, B higher");
        assert_eq!(delta_words(0.35), "+0.35, A higher");
        assert_eq!(delta_words(-0.004), "0.00, equal");
        assert_eq!(delta_words(f64::NAN), "missing");
    }

    #[test]
    fn p_is_never_written_as_zero() {
        assert_eq!(p_value(0.005), "p = 0.005");
        assert_eq!(p_value(0.98), "p = 0.980");
        assert_eq!(p_value(0.0001), "p = 0.0001");
        assert_eq!(p_value(f64::NAN), "p unknown");
    }
}

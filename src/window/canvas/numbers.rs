//! Numbers as the window writes them: true minus, plus sign on every difference, thin space in thousands.

/// The true minus sign.
pub const MINUS: char = '\u{2212}';
/// Between groups of three digits.
pub const THIN_SPACE: char = '\u{2009}';
/// What stands for a value that is not there.
pub const MISSING: &str = "missing";

/// `0.71`, `−0.40`: this many decimals, true minus, never a minus before a zero.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let text = format!("{:.*}", decimals, value.abs());
    let is_zero = text.bytes().all(|b| b == b'0' || b == b'.');
    if value < 0.0 && !is_zero { format!("{MINUS}{text}") } else { text }
}

/// As [`fixed`] with a plus sign before what is above zero: for every difference.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    let is_zero = text.bytes().all(|b| b == b'0' || b == b'.');
    if value > 0.0 && value.is_finite() && !is_zero { format!("+{text}") } else { text }
}

/// `12 480` with thin spaces from 1 000 on.
pub fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(THIN_SPACE);
        }
        out.push(digit);
    }
    out
}

/// `1 turn`, `27 turns`.
pub fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

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

/// Who is higher, in words: the sign convention of every difference.
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
    if delta.is_finite() { format!("{}, {}", signed(delta, 2), who_is_higher(delta)) } else { MISSING.to_owned() }
}

/// `18.4 s`, `1 min 12 s`, `2 h 5 min`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "unknown".to_owned();
    }
    let whole = seconds.round() as u64;
    match whole {
        0..10 => format!("{seconds:.1} s"),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

/// A long id or hash shortened in the middle of its first characters (`9b41e0…`).
pub fn short_hash(hash: &str) -> String {
    if hash.chars().count() <= 8 { hash.to_owned() } else { format!("{}…", hash.chars().take(6).collect::<String>()) }
}

/// How many words a text has.
pub fn words_in(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_carry_their_sign_and_zero_none() {
        assert_eq!(signed(-0.64, 2), "−0.64");
        assert_eq!(signed(0.05, 2), "+0.05");
        assert_eq!(signed(-0.001, 2), "0.00");
        assert_eq!(signed(0.001, 2), "0.00");
        assert_eq!(signed(f64::NAN, 2), "missing");
        assert_eq!(fixed(-1.5, 1), "−1.5");
    }

    #[test]
    fn the_word_follows_the_rounded_number() {
        assert_eq!(delta_words(-0.64), "−0.64, B higher");
        assert_eq!(delta_words(0.35), "+0.35, A higher");
        assert_eq!(delta_words(-0.004), "0.00, equal");
        assert_eq!(delta_words(f64::NAN), "missing");
    }

    #[test]
    fn thousands_get_a_thin_space() {
        assert_eq!(count(999), "999");
        assert_eq!(count(1000), "1\u{2009}000");
        assert_eq!(count(1_234_567), "1\u{2009}234\u{2009}567");
        assert_eq!(counted(1, "turn", "turns"), "1 turn");
    }

    #[test]
    fn p_is_never_written_as_zero() {
        assert_eq!(p_value(0.005), "p = 0.005");
        assert_eq!(p_value(0.98), "p = 0.980");
        assert_eq!(p_value(0.0001), "p = 0.0001");
        assert_eq!(p_value(f64::NAN), "p unknown");
    }

    #[test]
    fn durations_read_naturally() {
        assert_eq!(duration(5.04), "5.0 s");
        assert_eq!(duration(72.0), "1 min 12 s");
        assert_eq!(duration(7500.0), "2 h 5 min");
    }
}

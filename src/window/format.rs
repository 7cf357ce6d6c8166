//! How the window writes numbers: true minus, thin spaces, fixed decimals, relative times.

/// Fixed decimals with a true minus sign (U+2212); an en dash when not finite.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.*}", decimals, value.abs());
    let zero = text.chars().all(|c| c == '0' || c == '.');
    if value < 0.0 && !zero { format!("\u{2212}{text}") } else { text }
}

/// Like [`fixed`] with a plus sign on positive values, for D.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    let zero = text.chars().all(|c| c == '0' || c == '.');
    if value > 0.0 && !zero { format!("+{text}") } else { text }
}

/// Up to `decimals` decimals, trailing zeros dropped.
pub fn number(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A count with thin spaces (U+2009) from 1 000 on.
pub fn count(value: usize) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(c);
    }
    out
}

/// "1 turn", "480 turns".
pub fn counted(value: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { many })
}

/// "18.4 s", "1 min 12 s", "2 h 5 min".
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "–".to_owned();
    }
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    let s = seconds.round() as u64;
    match s {
        0..60 => format!("{s} s"),
        60..3600 if s.is_multiple_of(60) => format!("{} min", s / 60),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        _ if (s % 3600) / 60 == 0 => format!("{} h", s / 3600),
        _ => format!("{} h {} min", s / 3600, (s % 3600) / 60),
    }
}

/// "38 MB", "4.1 MB", "812 kB".
pub fn bytes(value: u64) -> String {
    let v = value as f64;
    match value {
        0..1000 => format!("{value} B"),
        1000..1_000_000 => format!("{:.0} kB", v / 1e3),
        1_000_000..10_000_000 => format!("{:.1} MB", v / 1e6),
        10_000_000..1_000_000_000 => format!("{:.0} MB", v / 1e6),
        _ => format!("{:.1} GB", v / 1e9),
    }
}

/// "just now", "12 min ago", "2 h ago", "yesterday", "5 days ago" from seconds since.
pub fn ago(seconds: f64) -> String {
    let s = seconds.max(0.0) as u64;
    match s {
        0..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", s / 60),
        3600..86_400 => format!("{} h ago", s / 3600),
        86_400..172_800 => "yesterday".to_owned(),
        _ => format!("{} days ago", s / 86_400),
    }
}

/// A p-value with its floor: never "p = 0.000".
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { fixed(p, 3) }
}

/// Which mind is higher, in words.
pub fn higher(delta: f64) -> &'static str {
    if delta > 0.0 {
        "A higher"
    } else if delta < 0.0 {
        "B higher"
    } else {
        "equal"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_carry_their_sign_and_a_true_minus() {
        assert_eq!(signed(-0.64, 2), "−0.64");
        assert_eq!(signed(0.03, 2), "+0.03");
        assert_eq!(signed(-0.001, 2), "0.00", "no minus before zero");
        assert_eq!(fixed(f64::NAN, 2), "–");
    }

    #[test]
    fn thousands_are_parted_by_thin_spaces() {
        assert_eq!(count(480), "480");
        assert_eq!(count(2502), "2\u{2009}502");
        assert_eq!(count(1_234_567), "1\u{2009}234\u{2009}567");
    }

    #[test]
    fn times_read_as_one_says_them() {
        assert_eq!(duration(9.94), "9.9 s");
        assert_eq!(duration(72.0), "1 min 12 s");
        assert_eq!(duration(7500.0), "2 h 5 min");
        assert_eq!(ago(100_000.0), "yesterday");
        assert_eq!(number(0.5, 2), "0.5");
        assert_eq!(number(10.0, 0), "10");
    }
}

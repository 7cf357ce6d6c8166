//! The time of day as text, for manifests and logs only: no result ever depends on it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now, UTC, RFC 3339 with whole seconds ("2026-03-01T09:30:00Z").
pub fn now_utc() -> String {
    rfc3339(seconds_since_epoch())
}

/// Seconds since 1970-01-01 UTC; 0 when the clock stands before it.
pub fn seconds_since_epoch() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// Seconds since 1970-01-01 UTC as RFC 3339.
pub fn rfc3339(seconds: u64) -> String {
    let (year, month, day) = civil_from_days((seconds / 86_400) as i64);
    let rest = seconds % 86_400;
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// A new run id: time and 32 random bits ("20260301-093000-1f2e3d4c"), so that ids sort by time and never collide.
pub fn new_run_id() -> String {
    use std::hash::{BuildHasher, Hasher};
    // The standard library's hasher keys are the one source of operating system randomness at hand.
    let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    hasher.write_u128(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos()));
    let time: String = now_utc().chars().filter(char::is_ascii_digit).collect();
    let (date, clock) = time.split_at(8.min(time.len()));
    format!("{date}-{clock}-{:08x}", hasher.finish() as u32)
}

/// Year, month and day of a day counted from 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
fn civil_from_days(days: i64) -> (i64, u64, u64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097) as u64;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe as i64 + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(rfc3339(4_102_444_799), "2099-12-31T23:59:59Z");
    }

    #[test]
    fn run_ids_differ() {
        let ids: std::collections::BTreeSet<_> = (0..100).map(|_| new_run_id()).collect();
        assert_eq!(ids.len(), 100);
        assert!(ids.iter().all(|id| id.len() == 24), "{ids:?}");
    }
}

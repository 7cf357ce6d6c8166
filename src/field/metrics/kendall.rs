//! Kendall's tau-b in O(n log n), also under any weighting of the turns.

/// Kendall's tau-b of two columns (ties corrected; Kendall 1945), over the pairs present in both.
/// `None` when lengths differ or a side is constant. O(n log n) by counting inversions with a Fenwick tree.
pub fn kendall_tau_b(a: &[f32], b: &[f32]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let tau = TauTable::new(a, b).tau_b(&vec![1; a.len()]);
    tau.is_finite().then_some(tau)
}

/// Turns with both values, sorted by A once, B as dense ranks.
pub(super) struct TauTable {
    /// Groups of equal A, ascending; each a list of (turn, rank of B from 0, equal values sharing it).
    groups: Vec<Vec<(usize, usize)>>,
    /// Number of different values of B.
    distinct_b: usize,
}

impl TauTable {
    /// From two columns, NaN where missing.
    pub fn new(a: &[f32], b: &[f32]) -> Self {
        let mut turns: Vec<usize> = (0..a.len()).filter(|&r| a[r].is_finite() && b[r].is_finite()).collect();
        let mut levels: Vec<f32> = turns.iter().map(|&r| b[r]).collect();
        levels.sort_by(f32::total_cmp);
        levels.dedup_by(|x, y| x == y);
        let rank = |v: f32| levels.partition_point(|l| *l < v);
        turns.sort_by(|&i, &j| a[i].total_cmp(&a[j]));
        let groups = turns
            .chunk_by(|&i, &j| a[i] == a[j])
            .map(|group| group.iter().map(|&r| (r, rank(b[r]))).collect())
            .collect();
        Self { groups, distinct_b: levels.len() }
    }

    /// Tau-b with turn r counted `counts[r]` times (copies of one turn tie with each other); NaN when a side is constant.
    pub fn tau_b(&self, counts: &[u32]) -> f64 {
        let mut seen = Fenwick::new(self.distinct_b);
        let mut by_rank = vec![0_u64; self.distinct_b];
        let (mut s, mut before, mut ties_a) = (0_i64, 0_u64, 0_u64);
        for group in &self.groups {
            let mut size = 0_u64;
            for &(turn, rank) in group.iter().filter(|(turn, _)| counts[*turn] > 0) {
                let w = u64::from(counts[turn]);
                let lower = seen.sum_below(rank);
                let higher = before - lower - by_rank[rank];
                s += w as i64 * (lower as i64 - higher as i64);
                size += w;
            }
            for &(turn, rank) in group {
                let w = u64::from(counts[turn]);
                seen.add(rank, w);
                by_rank[rank] += w;
            }
            before += size;
            ties_a += pairs(size);
        }
        let ties_b: u64 = by_rank.iter().map(|n| pairs(*n)).sum();
        let all = pairs(before);
        let (untied_a, untied_b) = (all - ties_a, all - ties_b);
        if untied_a > 0 && untied_b > 0 {
            s as f64 / (untied_a as f64 * untied_b as f64).sqrt()
        } else {
            f64::NAN
        }
    }
}

fn pairs(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// Prefix sums with updates in O(log n) (Fenwick 1994).
struct Fenwick(Vec<u64>);

impl Fenwick {
    fn new(n: usize) -> Self {
        Self(vec![0; n + 1])
    }

    fn add(&mut self, at: usize, w: u64) {
        let mut i = at + 1;
        while i < self.0.len() {
            self.0[i] += w;
            i += i & i.wrapping_neg();
        }
    }

    /// Sum of everything strictly below `at`.
    fn sum_below(&self, at: usize) -> u64 {
        let (mut i, mut sum) = (at, 0);
        while i > 0 {
            sum += self.0[i];
            i &= i - 1;
        }
        sum
    }
}

//! Spearman's rho under any weighting of the turns, without sorting again for each resample.

/// Turns with both values, sorted once by each side.
pub(super) struct RankTable {
    /// The turn of each pair.
    turns: Vec<usize>,
    /// For each side the pairs in groups of equal value, ascending.
    groups: [Vec<Vec<u32>>; 2],
}

impl RankTable {
    /// From two columns, NaN where missing.
    pub fn new(a: &[f32], b: &[f32]) -> Self {
        let turns: Vec<usize> = (0..a.len()).filter(|&r| a[r].is_finite() && b[r].is_finite()).collect();
        let groups = [a, b].map(|x| {
            let mut order: Vec<u32> = (0..turns.len() as u32).collect();
            let value = |i: u32| x[turns[i as usize]];
            order.sort_by(|&i, &j| value(i).total_cmp(&value(j)));
            order.chunk_by(|&i, &j| value(i) == value(j)).map(<[u32]>::to_vec).collect()
        });
        Self { turns, groups }
    }

    /// How many turns have both values.
    pub fn n(&self) -> usize {
        self.turns.len()
    }

    /// Rho with turn r counted `counts[r]` times, ties at their mean rank; NaN when a side is constant.
    pub fn spearman(&self, counts: &[u32]) -> f64 {
        let [ra, rb] = [0, 1].map(|side: usize| {
            let mut rank = vec![0.0; self.turns.len()];
            let mut below = 0.0;
            for group in &self.groups[side] {
                let size: f64 = group.iter().map(|&i| f64::from(counts[self.turns[i as usize]])).sum();
                let shared = below + (size + 1.0) / 2.0;
                group.iter().for_each(|&i| rank[i as usize] = shared);
                below += size;
            }
            rank
        });
        let weight = |i: usize| f64::from(counts[self.turns[i]]);
        let total: f64 = (0..self.turns.len()).map(weight).sum();
        // Ranks with mean ties always have this mean.
        let mean = (total + 1.0) / 2.0;
        let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
        for i in 0..self.turns.len() {
            let (w, x, y) = (weight(i), ra[i] - mean, rb[i] - mean);
            ab += w * x * y;
            aa += w * x * x;
            bb += w * y * y;
        }
        if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { f64::NAN }
    }
}

//! One 64-bit seed; every consumer of randomness gets its own stream by name.

use rand::SeedableRng;
pub use rand::rngs::ChaCha8Rng;

/// The generator of the stream `name` under `seed`. The same pair gives the same numbers on every machine.
pub fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(name.as_bytes());
    ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
}

/// A 64-bit seed derived from another by name, to hand a whole sub-tree of streams on.
pub fn derive(seed: u64, name: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(b"derive:");
    hasher.update(name.as_bytes());
    let bytes = hasher.finalize();
    let mut first = [0_u8; 8];
    first.copy_from_slice(&bytes.as_bytes()[..8]);
    u64::from_le_bytes(first)
}

/// A standard normal draw (Box-Muller; Box and Muller 1958), f64.
pub fn normal(rng: &mut impl rand::Rng) -> f64 {
    use rand::RngExt;
    let u: f64 = 1.0 - rng.random::<f64>();
    let v: f64 = rng.random();
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// A random permutation of `0..n` (Fisher and Yates).
pub fn permutation(rng: &mut impl rand::Rng, n: usize) -> Vec<usize> {
    use rand::RngExt;
    let mut p: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        let j = rng.random_range(0..=i);
        p.swap(i, j);
    }
    p
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn streams_differ_by_name_and_repeat_by_seed() {
        let draw = |s, n: &str| stream(s, n).random::<u64>();
        assert_eq!(draw(7, "a"), draw(7, "a"));
        assert_ne!(draw(7, "a"), draw(7, "b"));
        assert_ne!(draw(7, "a"), draw(7 + (1 << 40), "a"), "all 64 bits of the seed count");
    }

    #[test]
    fn normal_has_zero_mean_and_unit_variance() {
        let mut rng = stream(1, "normal");
        let x: Vec<f64> = (0..20_000).map(|_| normal(&mut rng)).collect();
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        let var = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64;
        assert!(mean.abs() < 0.03 && (var - 1.0).abs() < 0.05, "mean {mean}, variance {var}");
    }

    #[test]
    fn a_permutation_is_a_bijection() {
        let mut p = permutation(&mut stream(3, "p"), 100);
        p.sort_unstable();
        assert!(p.iter().enumerate().all(|(i, v)| i == *v));
    }
}

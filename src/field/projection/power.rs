//! x^b for positive x without the mathematics library: the layout raises distances to one power many millions of times.

/// A fixed power.
#[derive(Clone, Copy, Debug)]
pub struct Power(f32);

impl Power {
    /// The power `exponent`, in (0, 4].
    pub fn new(exponent: f64) -> Self {
        Self(exponent as f32)
    }

    /// `x` to the power, for `x` > 0, to a relative error below 1e-5: 2^(b log2 x) with a polynomial for each half.
    #[inline]
    pub fn of(self, x: f32) -> f32 {
        exp2(self.0 * log2(x))
    }
}

/// log2 by splitting off the exponent and the series of artanh on the mantissa in [sqrt(1/2), sqrt(2)].
#[inline]
fn log2(x: f32) -> f32 {
    let bits = x.to_bits();
    // The constant moves the split from [1, 2) to [0.707, 1.414).
    let shifted = bits.wrapping_sub(0x3f35_04f3);
    let exponent = (shifted as i32) >> 23;
    let mantissa = f32::from_bits((shifted & 0x007f_ffff).wrapping_add(0x3f35_04f3));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let s2 = s * s;
    let series = 2.885_39 + s2 * (0.961_796_7 + s2 * (0.577_078 + s2 * 0.412_198_6));
    exponent as f32 + s * series
}

/// 2^x by splitting off the whole part and a polynomial on [-1/2, 1/2]; clamped to the normal range.
#[inline]
fn exp2(x: f32) -> f32 {
    let x = x.clamp(-126.0, 126.0);
    // Adding and taking away 1.5 * 2^23 rounds to the nearest whole number.
    let whole = (x + 12_582_912.0) - 12_582_912.0;
    let f = x - whole;
    let p = 1.0
        + f * (0.693_147_2 + f * (0.240_226_5 + f * (0.055_504_1 + f * (0.009_618_13 + f * 0.001_333_36))));
    f32::from_bits(p.to_bits().wrapping_add(((whole as i32) << 23) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_agree_with_the_mathematics_library() {
        for b in [0.5, 0.79, 0.895, 1.0, 1.93] {
            let power = Power::new(b);
            let mut x = 1e-12_f64;
            while x < 1e6 {
                let (ours, want) =
                    (f64::from(power.of(x as f32)), f64::from(x as f32).powf(f64::from(b as f32)));
                assert!((ours / want - 1.0).abs() < 1e-5, "{x}^{b}: {ours} {want}");
                x *= 1.037;
            }
        }
    }
}

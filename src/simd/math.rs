//! The few functions that the scorers need of many lanes at once.

use super::lanes::Lanes;

/// A polynomial by Horner's rule, the highest coefficient first.
macro_rules! poly {
    ($lanes:ty, $x:expr, $first:expr $(, $next:expr)* $(,)?) => {{
        let p = <$lanes>::splat($first);
        $(let p = p.fma($x, <$lanes>::splat($next));)*
        p
    }};
}

/// e^x for x <= 88: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2] (Moshier's Cephes library, expf).
#[inline(always)]
pub fn exp<S: Lanes>(x: S) -> S {
    let x = x.max(S::splat(-87.0)).min(S::splat(88.0));
    let n = x.mul(S::splat(std::f32::consts::LOG2_E)).round();
    let r = n.fma(S::splat(-0.693_359_4), x);
    let r = n.fma(S::splat(2.121_944_4e-4), r);
    let p = poly!(S, r, 1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5);
    p.fma(r.mul(r), r).add(S::splat(1.0)).mul(n.pow2())
}

/// tanh as an odd over an even polynomial, within three units in the last place (the minimax form used by Eigen).
#[inline(always)]
pub fn tanh<S: Lanes>(x: S) -> S {
    let x = x.max(S::splat(-7.905_311)).min(S::splat(7.905_311));
    let s = x.mul(x);
    let p = poly!(
        S,
        s,
        -2.760_768_5e-16,
        2.000_188e-13,
        -8.604_672e-11,
        5.122_297e-8,
        1.485_722_4e-5,
        6.372_619_3e-4,
        4.893_524_6e-3
    );
    let q = poly!(S, s, 1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_6e-3, 4.893_525e-3);
    x.mul(p).div(q)
}

/// 1 / (1 + e^-x), by tanh.
#[inline(always)]
pub fn sigmoid<S: Lanes>(x: S) -> S {
    let half = S::splat(0.5);
    tanh(x.mul(half)).fma(half, half)
}

/// The error function as an odd over an even polynomial, within three units in the last place (as in Eigen).
#[inline(always)]
fn erf<S: Lanes>(x: S) -> S {
    let x = x.max(S::splat(-4.0)).min(S::splat(4.0));
    let s = x.mul(x);
    let p = poly!(
        S,
        s,
        -2.726_142_3e-10,
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906_3e-4,
        -2.954_6e-3,
        -1.609_603_3e-2
    );
    let q = poly!(S, s, -1.456_607_2e-5, -2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_473_9e-2);
    x.mul(p).div(q)
}

/// The normal distribution function.
#[inline(always)]
pub fn phi<S: Lanes>(x: S) -> S {
    let half = S::splat(0.5);
    erf(x.mul(S::splat(std::f32::consts::FRAC_1_SQRT_2))).fma(half, half)
}

/// Runs the body with ranges of up to `N` places that cover 0..n. A macro, because the instruction set does not carry into
/// closures where the build optimises little.
macro_rules! each {
    ($lanes:ty, $n:expr, |$range:ident| $body:expr) => {{
        let (n, mut at): (usize, usize) = ($n, 0);
        while at < n {
            let to = if n - at > <$lanes as $crate::simd::lanes::Lanes>::N {
                at + <$lanes as $crate::simd::lanes::Lanes>::N
            } else {
                n
            };
            let $range = at..to;
            $body;
            at = to;
        }
    }};
}
pub(crate) use each;

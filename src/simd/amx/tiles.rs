//! The inner loops: tiles of the result from whole steps of both operands.

use super::cut::Line;
use std::arch::asm;

/// 32 rows of 64 columns: where the unit puts its results. Straight into the result's rows it would be slow, because these
/// begin anywhere on a line of the cache and fall on few of its sets.
#[repr(C, align(64))]
pub(super) struct Tile(pub(super) [f32; 32 * 64]);

/// The steps of a tile, in the same order for every shape, so that a row's numbers do not depend on it, and so that each
/// product shares a part with the one before: a3 b1, a2 b1, a2 b2, a1 b2, a1 b1, a1 b3. Parts lie 2,048 bytes apart.
/// `$a` and `$b` load them, `$multiply` is one product; the result goes to `$store`.
macro_rules! tiles {
    ($a:ident, $b:ident, $multiply:expr, $next:literal, [$($store:literal),*], $($operands:tt)*) => {
        asm!(
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "test {k}, {k}",
            "jz 3f",
            "2:",
            $a!("4096"), $b!("0"), $multiply,
            $a!("2048"), $multiply,
            $b!("2048"), $multiply,
            $a!("0"), $multiply,
            $b!("0"), $multiply,
            $b!("4096"), $multiply,
            "add {a}, 6144",
            $next,
            "dec {k}",
            "jnz 2b",
            "3:",
            $($store,)*
            s = in(reg) 64_usize, width = in(reg) 256_usize,
            $($operands)*
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        )
    };
}

/// Loads one tile of a part.
macro_rules! one {
    ($at:literal) => {
        concat!("tileloadd tmm4, [{a} + {s} + ", $at, "]")
    };
}

/// Loads two.
macro_rules! two {
    ($at:literal) => {
        concat!("tileloadd tmm6, [{b} + {s} + ", $at, "]\ntileloadd tmm7, [{b} + {s} + 1024 + ", $at, "]")
    };
}

/// 32 rows by 32 columns.
#[inline]
pub(super) unsafe fn two_by_two(a: *const Line, b: *const f32, steps: usize, to: &mut Tile) {
    macro_rules! left {
        ($at:literal) => {
            concat!("tileloadd tmm4, [{a} + {s} + ", $at, "]\ntileloadd tmm5, [{a} + {s} + 1024 + ", $at, "]")
        };
    }
    // SAFETY: the caller vouches for both operands; a tile has 32 rows of 64.
    unsafe {
        tiles!(
            left, two,
            "tdpbf16ps tmm0, tmm4, tmm6\ntdpbf16ps tmm1, tmm4, tmm7\ntdpbf16ps tmm2, tmm5, tmm6\ntdpbf16ps tmm3, tmm5, tmm7",
            "add {b}, 6144",
            ["tilestored [{to} + {width}], tmm0", "tilestored [{to} + {width} + 64], tmm1",
             "tilestored [{to} + {width} + 4096], tmm2", "tilestored [{to} + {width} + 4160], tmm3"],
            a = inout(reg) a => _, b = inout(reg) b => _, k = inout(reg) steps => _, to = in(reg) to.0.as_mut_ptr(),
        );
    }
}

/// 16 rows by the 64 columns of two panels.
#[inline]
pub(super) unsafe fn one_by_four(
    a: *const Line,
    (b, b2): (*const f32, *const f32),
    steps: usize,
    to: &mut Tile,
) {
    macro_rules! product {
        ($a:literal, $b:literal) => {
            concat!(
                "tileloadd tmm4, [{a} + {s} + ",
                $a,
                "]\n",
                "tileloadd tmm5, [{b} + {s} + ",
                $b,
                "]\n",
                "tdpbf16ps tmm0, tmm4, tmm5\n",
                "tileloadd tmm6, [{b} + {s} + 1024 + ",
                $b,
                "]\n",
                "tdpbf16ps tmm1, tmm4, tmm6\n",
                "tileloadd tmm7, [{b2} + {s} + ",
                $b,
                "]\n",
                "tdpbf16ps tmm2, tmm4, tmm7\n",
                "tileloadd tmm5, [{b2} + {s} + 1024 + ",
                $b,
                "]\n",
                "tdpbf16ps tmm3, tmm4, tmm5"
            )
        };
    }
    macro_rules! all {
        ("4096") => {
            product!("4096", "0")
        };
        ("2048") => {
            concat!(product!("2048", "0"), "\n", product!("2048", "2048"))
        };
        ("0") => {
            concat!(product!("0", "2048"), "\n", product!("0", "0"), "\n", product!("0", "4096"))
        };
    }
    macro_rules! nothing {
        ($at:literal) => {
            ""
        };
    }
    // SAFETY: as above.
    unsafe {
        tiles!(
            all, nothing, "", "add {b}, 6144\nadd {b2}, 6144",
            ["tilestored [{to} + {width}], tmm0", "tilestored [{to} + {width} + 64], tmm1",
             "tilestored [{to} + {width} + 128], tmm2", "tilestored [{to} + {width} + 192], tmm3"],
            a = inout(reg) a => _, b = inout(reg) b => _, b2 = inout(reg) b2 => _, k = inout(reg) steps => _,
            to = in(reg) to.0.as_mut_ptr(),
        );
    }
}

/// 16 rows by 32 columns.
#[inline]
pub(super) unsafe fn one_by_two(a: *const Line, b: *const f32, steps: usize, to: &mut Tile) {
    // SAFETY: as above.
    unsafe {
        tiles!(
            one, two, "tdpbf16ps tmm0, tmm4, tmm6\ntdpbf16ps tmm1, tmm4, tmm7", "add {b}, 6144",
            ["tilestored [{to} + {width}], tmm0", "tilestored [{to} + {width} + 64], tmm1"],
            a = inout(reg) a => _, b = inout(reg) b => _, k = inout(reg) steps => _, to = in(reg) to.0.as_mut_ptr(),
        );
    }
}

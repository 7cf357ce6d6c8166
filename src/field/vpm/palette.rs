//! The colours of a VPM: a map of 256, two greys for what is missing and one for the gaps.

/// Colours of one VPM. All are sRGB bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The colour map, low to high.
    pub map: [[u8; 3]; 256],
    /// The two greys of the hatch, which are not colours of the map.
    pub hatch: [[u8; 3]; 2],
    /// Between column groups; alpha 0 lets the background through.
    pub gap: [u8; 4],
}

/// Which of the two greys a pixel of a missing cell has: stripes at 45 degrees with a period of 4 px, fixed to the canvas.
pub(super) fn hatch_at(x: u32, y: u32) -> usize {
    usize::from((x + y) & 3 >= 2)
}

/// A palette of at most 256 entries for indexed pictures (PNG, GIF) and the index of each colour in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexTable {
    /// The palette; shared by all tables made together.
    pub palette: Vec<[u8; 3]>,
    /// Index for each of the 256 codes of the map.
    pub map: [u8; 256],
    /// Indices of the two hatch greys.
    pub hatch: [u8; 2],
    /// Index of the gap colour.
    pub gap: u8,
}

impl IndexTable {
    /// One table of 256 entries: 253 of the map, gap and hatch. To make room the map's closest neighbours are merged,
    /// three pairs, which no eye can tell apart in a smooth map.
    pub fn new(palette: &Palette) -> Self {
        let [gap, first, second] = others(palette);
        let (kept, map) = thinned(&palette.map, 253);
        let mut colours: Vec<[u8; 3]> = kept;
        colours.extend([gap, first, second]);
        Self { palette: colours, map, hatch: [254, 255], gap: 253 }
    }

    /// One palette for several maps (A, B and D in one GIF), each with an equal part of it; gap and hatch are the first's.
    /// One table for each map, all with the same palette. Empty for more than 16 maps.
    pub fn shared(palettes: &[&Palette]) -> Vec<Self> {
        let Some(first) = palettes.first().filter(|_| palettes.len() <= 16) else { return Vec::new() };
        let mut unique: Vec<&[[u8; 3]; 256]> = Vec::new();
        for palette in palettes {
            if !unique.contains(&&palette.map) {
                unique.push(&palette.map);
            }
        }
        let each = 253 / unique.len();
        let mut colours = Vec::new();
        let mut maps = Vec::new();
        for map in &unique {
            let offset = colours.len() as u8;
            let (kept, table) = thinned(map, each);
            colours.extend(kept);
            maps.push(table.map(|i| i + offset));
        }
        let base = colours.len() as u8;
        colours.extend(others(first));
        palettes
            .iter()
            .filter_map(|p| unique.iter().position(|u| **u == p.map))
            .map(|at| Self {
                palette: colours.clone(),
                map: maps[at],
                hatch: [base + 1, base + 2],
                gap: base,
            })
            .collect()
    }
}

fn others(palette: &Palette) -> [[u8; 3]; 3] {
    let [r, g, b, _] = palette.gap;
    [[r, g, b], palette.hatch[0], palette.hatch[1]]
}

/// At most `n` colours of a map, and for each code the index of the one that stands for it. Drops, one by one, the colour that
/// is closest to the one kept before it; the two ends stay.
fn thinned(map: &[[u8; 3]; 256], n: usize) -> (Vec<[u8; 3]>, [u8; 256]) {
    let distance = |i: usize, j: usize| -> i32 {
        map[i].iter().zip(&map[j]).map(|(a, b)| (i32::from(*a) - i32::from(*b)).pow(2)).sum()
    };
    let mut kept: Vec<usize> = (0..256).collect();
    while kept.len() > n.max(2) {
        // Distance across the gap that dropping would leave, so that drops spread evenly.
        let drop = (1..kept.len() - 1).min_by_key(|&i| distance(kept[i - 1], kept[i + 1]));
        kept.remove(drop.unwrap_or(1));
    }
    let table = std::array::from_fn(|code| {
        // The kept colour at or before the code, or the one after it if that is closer; the first is always kept.
        let at = kept.partition_point(|k| *k <= code).saturating_sub(1);
        let next = (at + 1).min(kept.len() - 1);
        (if distance(kept[next], code) < distance(kept[at], code) { next } else { at }) as u8
    });
    (kept.into_iter().map(|i| map[i]).collect(), table)
}

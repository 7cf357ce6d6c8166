// The VPM: a matrix (row major, one row a turn) drawn into an RGBA8 texture in two steps, as in src/field/vpm/raster.rs.
// `reduce_cells`: one invocation a cell (pixel row x slot of columns) -> code 0..=255 of the colour map, or MISSING.
// `paint`: one invocation a pixel: slot -> code -> colour, hatch or gap.
// Which rows and columns meet in a cell is decided by the host in whole numbers and read from `tables`.
// Between a product and a sum stands a max or a clamp, so that no driver can fuse the two and disagree with the CPU.

struct Params {
    width: u32,
    height: u32,
    band_y: u32,          // first pixel row of this dispatch
    band_height: u32,
    slots: u32,
    stride: u32,          // columns of the matrix
    chunk_rows: u32,      // rows in each data buffer
    reducer: u32,
    row_start_at: u32,    // where each table begins in `tables`, in words
    slots_at: u32,
    columns_at: u32,
    low_at: u32,
    scale_at: u32,
    reciprocal_at: u32,
    slot_of_x_at: u32,
    map_at: u32,
    hatch_a: u32,
    hatch_b: u32,
    gap: u32,
    spare: u32,
}

const MEAN: u32 = 0u;
const MAX_ABS: u32 = 1u;
const MIN: u32 = 2u;      // any other number is the maximum
const MISSING: u32 = 256u;
const GAP: u32 = 0xffffffffu;
const EXPONENT: u32 = 0x7f800000u;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> tables: array<u32>;
@group(0) @binding(2) var<storage, read_write> cells: array<u32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> data_0: array<u32>;
@group(0) @binding(5) var<storage, read> data_1: array<u32>;
@group(0) @binding(6) var<storage, read> data_2: array<u32>;
@group(0) @binding(7) var<storage, read> data_3: array<u32>;
@group(0) @binding(8) var picture: texture_storage_2d<rgba8unorm, write>;

struct Reduced {
    value: f32,
    count: u32,
}

// Values stay bits until they are known to be finite: compilers may assume that floats are.
fn bits_at(row: u32, column: u32) -> u32 {
    let at = (row % p.chunk_rows) * p.stride + column;
    switch row / p.chunk_rows {
        case 0u: { return data_0[at]; }
        case 1u: { return data_1[at]; }
        case 2u: { return data_2[at]; }
        default: { return data_3[at]; }
    }
}

fn reciprocal(n: u32) -> f32 {
    return bitcast<f32>(tables[p.reciprocal_at + n]);
}

// The rows at positions first..end of the order, in one column.
fn reduce_rows(first: u32, end: u32, column: u32) -> Reduced {
    var best = 0.0;
    var count = 0u;
    for (var position = first; position < end; position++) {
        let bits = bits_at(order[position], column);
        if (bits & EXPONENT) == EXPONENT { continue; }
        let v = bitcast<f32>(bits);
        let is_first = count == 0u;
        count++;
        switch p.reducer {
            case MEAN: { best += v; }
            case MAX_ABS: { if is_first || abs(v) > abs(best) { best = v; } }
            case MIN: { if is_first || v < best { best = v; } }
            default: { if is_first || v > best { best = v; } }
        }
    }
    if p.reducer == MEAN && count > 0u { best *= reciprocal(count); }
    return Reduced(best, count);
}

@compute @workgroup_size(8, 8, 1)
fn reduce_cells(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= p.slots || id.y >= p.band_height { return; }
    let y = p.band_y + id.y;
    let first = tables[p.row_start_at + y];
    let end = max(first + 1u, tables[p.row_start_at + y + 1u]);
    let slot_first = tables[p.slots_at + 2u * id.x];
    let slot_end = tables[p.slots_at + 2u * id.x + 1u];
    var best = 0.0;
    var best_abs = 0.0;
    var count = 0u;
    for (var position = slot_first; position < slot_end; position++) {
        let column = tables[p.columns_at + position];
        let got = reduce_rows(first, end, column);
        if got.count == 0u { continue; }
        let low = bitcast<f32>(tables[p.low_at + column]);
        let scale = bitcast<f32>(tables[p.scale_at + column]);
        let x = min((max(got.value, low) - low) * scale, 255.0);
        let is_first = count == 0u;
        count++;
        switch p.reducer {
            case MEAN: { best += x; }
            case MAX_ABS: { if is_first || abs(got.value) > best_abs { best = x; best_abs = abs(got.value); } }
            case MIN: { if is_first || x < best { best = x; } }
            default: { if is_first || x > best { best = x; } }
        }
    }
    var code = MISSING;
    if count > 0u {
        if p.reducer == MEAN { best *= reciprocal(count); }
        code = u32(round(clamp(best, 0.0, 255.0)));
    }
    cells[id.y * p.slots + id.x] = code;
}

@compute @workgroup_size(16, 16, 1)
fn paint(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= p.width || id.y >= p.band_height { return; }
    let y = p.band_y + id.y;
    let slot = tables[p.slot_of_x_at + id.x];
    var colour = p.gap;
    if slot != GAP {
        let code = cells[id.y * p.slots + slot];
        if code == MISSING {
            colour = select(p.hatch_a, p.hatch_b, ((id.x + y) & 3u) >= 2u);
        } else {
            colour = tables[p.map_at + code];
        }
    }
    textureStore(picture, vec2<i32>(i32(id.x), i32(y)), unpack4x8unorm(colour));
}

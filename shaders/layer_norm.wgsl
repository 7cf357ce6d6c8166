// Layer normalisation of each row (Ba et al. 2016), one workgroup a row: out = (x - mean) / sd gain + shift.
// x, gain, shift, out: [rows, W]. Tensors may share a buffer, so every binding is read_write.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> gain: array<f32>;
@group(0) @binding(2) var<storage, read_write> shift: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

const W: u32 = {{ width }}u;
const T: u32 = {{ threads }}u;
var<workgroup> part: array<f32, T>;

fn total(mine: f32, t: u32) -> f32 {
    part[t] = mine;
    workgroupBarrier();
    for (var hop = T / 2u; hop > 0u; hop /= 2u) {
        if t < hop {
            part[t] += part[t + hop];
        }
        workgroupBarrier();
    }
    let sum = part[0];
    workgroupBarrier();
    return sum;
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let one = group.x * W;
    let t = local.x;
    var sum = 0.0;
    for (var j = t; j < W; j += T) {
        sum += x[one + j];
    }
    let mean = total(sum, t) / f32(W);
    var square = 0.0;
    for (var j = t; j < W; j += T) {
        let centred = x[one + j] - mean;
        square += centred * centred;
    }
    let scale = 1.0 / sqrt(total(square, t) / f32(W) + 1e-5);
    for (var j = t; j < W; j += T) {
        out[one + j] = (x[one + j] - mean) * scale * gain[one + j] + shift[one + j];
    }
}

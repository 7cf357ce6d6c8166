// The way back through layer_norm.wgsl, one workgroup a row: grad, x, gain, d_x, d_gain: [rows, W].
@group(0) @binding(0) var<storage, read_write> grad: array<f32>;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> gain: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_x: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_gain: array<f32>;

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
    var grads = 0.0;
    for (var j = t; j < W; j += T) {
        sum += x[one + j];
        grads += grad[one + j] * gain[one + j];
    }
    let mean = total(sum, t) / f32(W);
    let level = total(grads, t) / f32(W);
    var square = 0.0;
    var along = 0.0;
    for (var j = t; j < W; j += T) {
        let centred = x[one + j] - mean;
        square += centred * centred;
        along += grad[one + j] * gain[one + j] * centred;
    }
    let scale = 1.0 / sqrt(total(square, t) / f32(W) + 1e-5);
    let share = total(along, t) * scale / f32(W);
    for (var j = t; j < W; j += T) {
        let hat = (x[one + j] - mean) * scale;
        d_x[one + j] = scale * (grad[one + j] * gain[one + j] - level - hat * share);
        d_gain[one + j] = grad[one + j] * hat;
    }
}

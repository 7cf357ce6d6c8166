// One step of a GRU cell (Cho et al. 2014; gates r, z, n) and the root-mean-square norm behind it, one workgroup a row.
//   h' = n + z (h - n), n = tanh(gn + r (hn + bias)); out = h' / rms(h') gain
// gates, hidden: [rows, 3 W]; bias, h, gain, out: [rows, W]. Tensors may share a buffer, so every binding is read_write.
@group(0) @binding(0) var<storage, read_write> gates: array<f32>;
@group(0) @binding(1) var<storage, read_write> hidden: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> h: array<f32>;
@group(0) @binding(4) var<storage, read_write> gain: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

const W: u32 = {{ width }}u;
const T: u32 = {{ threads }}u;
var<workgroup> part: array<f32, T>;

fn sigmoid(x: f32) -> f32 {
    return 1.0 / (1.0 + exp(-clamp(x, -80.0, 80.0)));
}

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
    let three = group.x * 3u * W;
    let t = local.x;
    var square = 0.0;
    for (var j = t; j < W; j += T) {
        let r = sigmoid(gates[three + j] + hidden[three + j]);
        let z = sigmoid(gates[three + W + j] + hidden[three + W + j]);
        let q = hidden[three + 2u * W + j] + bias[one + j];
        let n = tanh(clamp(gates[three + 2u * W + j] + r * q, -20.0, 20.0));
        let next = n + z * (h[one + j] - n);
        out[one + j] = next;
        square += next * next;
    }
    let scale = 1.0 / sqrt(total(square, t) / f32(W) + 1e-6);
    for (var j = t; j < W; j += T) {
        out[one + j] = out[one + j] * scale * gain[one + j];
    }
}

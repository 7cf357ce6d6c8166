// The way back through gru_norm.wgsl, one workgroup a row; what the step computed is computed again from its inputs.
// grad, bias, h, gain, d_bias, d_h, d_gain: [rows, W]; gates, hidden, d_gates, d_hidden: [rows, 3 W].
@group(0) @binding(0) var<storage, read_write> grad: array<f32>;
@group(0) @binding(1) var<storage, read_write> gates: array<f32>;
@group(0) @binding(2) var<storage, read_write> hidden: array<f32>;
@group(0) @binding(3) var<storage, read_write> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> h: array<f32>;
@group(0) @binding(5) var<storage, read_write> gain: array<f32>;
@group(0) @binding(6) var<storage, read_write> d_gates: array<f32>;
@group(0) @binding(7) var<storage, read_write> d_hidden: array<f32>;
@group(0) @binding(8) var<storage, read_write> d_bias: array<f32>;
@group(0) @binding(9) var<storage, read_write> d_h: array<f32>;
@group(0) @binding(10) var<storage, read_write> d_gain: array<f32>;

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

struct Cell {
    r: f32,
    z: f32,
    q: f32,
    n: f32,
    next: f32,
}

fn cell(one: u32, three: u32, j: u32) -> Cell {
    var s: Cell;
    s.r = sigmoid(gates[three + j] + hidden[three + j]);
    s.z = sigmoid(gates[three + W + j] + hidden[three + W + j]);
    s.q = hidden[three + 2u * W + j] + bias[one + j];
    s.n = tanh(clamp(gates[three + 2u * W + j] + s.r * s.q, -20.0, 20.0));
    s.next = s.n + s.z * (h[one + j] - s.n);
    return s;
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let one = group.x * W;
    let three = group.x * 3u * W;
    let t = local.x;
    var square = 0.0;
    var along = 0.0;
    for (var j = t; j < W; j += T) {
        let next = cell(one, three, j).next;
        square += next * next;
        along += grad[one + j] * gain[one + j] * next;
    }
    let scale = 1.0 / sqrt(total(square, t) / f32(W) + 1e-6);
    let share = total(along, t) * scale / f32(W);
    for (var j = t; j < W; j += T) {
        let s = cell(one, three, j);
        let hat = s.next * scale;
        let d = scale * (grad[one + j] * gain[one + j] - hat * share);
        let dn = d * (1.0 - s.z) * (1.0 - s.n * s.n);
        let dz = d * (h[one + j] - s.n) * s.z * (1.0 - s.z);
        let dr = dn * s.q * s.r * (1.0 - s.r);
        d_gates[three + j] = dr;
        d_gates[three + W + j] = dz;
        d_gates[three + 2u * W + j] = dn;
        d_hidden[three + j] = dr;
        d_hidden[three + W + j] = dz;
        d_hidden[three + 2u * W + j] = dn * s.r;
        d_bias[one + j] = dn * s.r;
        d_h[one + j] = d * s.z;
        d_gain[one + j] = grad[one + j] * hat;
    }
}

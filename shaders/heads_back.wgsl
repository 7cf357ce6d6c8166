// The way back through heads.wgsl, one workgroup a row. grad: [models, R, 3 + W]; product, d_product: [models, R, W];
// bias: [models, 1, W].
@group(0) @binding(0) var<storage, read_write> grad: array<f32>;
@group(0) @binding(1) var<storage, read_write> product: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_product: array<f32>;

const W: u32 = {{ width }}u;
const R: u32 = {{ rows }}u;
const T: u32 = {{ threads }}u;
const BOUND: f32 = {{ value }};

fn softplus(x: f32) -> f32 {
    return max(x, 0.0) + log(1.0 + exp(-abs(x)));
}

fn sigmoid(x: f32) -> f32 {
    return 1.0 / (1.0 + exp(-x));
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let one = group.x * W;
    let at = group.x * (W + 3u);
    let model = (group.x / R) * W;
    for (var j = local.x; j < W; j += T) {
        var d = grad[at + 3u + j];
        if j < 2u {
            let logit = product[one] + bias[model];
            let raw = product[one + 1u] + bias[model + 1u];
            let tau = softplus(raw) * 0.5 + 0.5;
            let score = sigmoid(logit / tau);
            // d loss / d (logit / tau)
            let inner = grad[at] * score * (1.0 - score);
            if j == 0u {
                d += inner / tau;
            } else {
                d += (grad[at + 1u] - inner * logit / (tau * tau)) * 0.5 * sigmoid(raw);
            }
        } else if j == 2u {
            let raw = product[one + 2u] + bias[model + 2u];
            d += select(grad[at + 2u], 0.0, abs(raw) > BOUND);
        }
        d_product[one + j] = d;
    }
}

// Epilogue of the one product of the state with all heads' stacked weights, one workgroup a row.
// Columns of product: score, temperature, log variance, then every other head; W in all.
//   out = [score, tau, log_var, logits]: logits = product + bias, tau = .5 + .5 softplus(temperature),
//   score = sigmoid(score logit / tau), log_var clamped to +-BOUND.
// product: [models, R, W]; bias: [models, 1, W]; out: [models, R, 3 + W].
@group(0) @binding(0) var<storage, read_write> product: array<f32>;
@group(0) @binding(1) var<storage, read_write> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

const W: u32 = {{ width }}u;
const R: u32 = {{ rows }}u;
const T: u32 = {{ threads }}u;
const BOUND: f32 = {{ value }};

fn softplus(x: f32) -> f32 {
    return max(x, 0.0) + log(1.0 + exp(-abs(x)));
}

// Comparisons, not clamp(): what is no number stays none and is counted by the caller.
fn bounded(x: f32) -> f32 {
    return select(select(x, BOUND, x > BOUND), -BOUND, x < -BOUND);
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let one = group.x * W;
    let to = group.x * (W + 3u);
    let model = (group.x / R) * W;
    for (var j = local.x; j < W; j += T) {
        out[to + 3u + j] = product[one + j] + bias[model + j];
    }
    if local.x == 0u {
        let tau = softplus(product[one + 1u] + bias[model + 1u]) * 0.5 + 0.5;
        out[to] = 1.0 / (1.0 + exp(-(product[one] + bias[model]) / tau));
        out[to + 1u] = tau;
        out[to + 2u] = bounded(product[one + 2u] + bias[model + 2u]);
    }
}

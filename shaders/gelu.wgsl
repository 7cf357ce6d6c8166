// Epilogue of the first product of a residual block: out = mask gelu(x + bias), GELU by the error function (Hendrycks and
// Gimpel 2016). x, out: [models, R, W]; bias: [models, 1, W]; mask: [1, R, W].
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> mask: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

const W: u32 = {{ width }}u;
const R: u32 = {{ rows }}u;
const T: u32 = {{ threads }}u;

// The error function as an odd over an even polynomial, within three units in the last place.
fn erf(v: f32) -> f32 {
    let c = clamp(v, -4.0, 4.0);
    let s = c * c;
    let p = ((((((-2.7261423e-10 * s + 2.7706814e-8) * s - 2.101024e-6) * s - 5.6925066e-5) * s - 7.3499064e-4) * s
        - 2.9546e-3) * s - 1.6096033e-2);
    let q = ((((-1.4566072e-5 * s - 2.1337406e-4) * s - 1.682827e-3) * s - 7.373329e-3) * s - 1.4264739e-2);
    return c * p / q;
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let one = group.x * W;
    let model = (group.x / R) * W;
    let row = (group.x % R) * W;
    for (var j = local.x; j < W; j += T) {
        let v = x[one + j] + bias[model + j];
        out[one + j] = mask[row + j] * v * (0.5 + 0.5 * erf(v * 0.70710678));
    }
}

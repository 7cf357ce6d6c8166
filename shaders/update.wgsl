// Epilogue of the last product of Tiny's core and the recursion's update behind it, one workgroup a row:
//   proposal = h + (product + bias); next = z + step proposal
// product, h, z, proposal, next: [models, R, W]; bias: [models, 1, W]. Tensors may share a buffer, so every binding is
// read_write.
@group(0) @binding(0) var<storage, read_write> product: array<f32>;
@group(0) @binding(1) var<storage, read_write> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> h: array<f32>;
@group(0) @binding(3) var<storage, read_write> z: array<f32>;
@group(0) @binding(4) var<storage, read_write> proposal: array<f32>;
@group(0) @binding(5) var<storage, read_write> next: array<f32>;

const W: u32 = {{ width }}u;
const R: u32 = {{ rows }}u;
const T: u32 = {{ threads }}u;
const STEP: f32 = {{ value }};

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let one = group.x * W;
    let model = (group.x / R) * W;
    for (var j = local.x; j < W; j += T) {
        let v = h[one + j] + (product[one + j] + bias[model + j]);
        proposal[one + j] = v;
        next[one + j] = z[one + j] + v * STEP;
    }
}

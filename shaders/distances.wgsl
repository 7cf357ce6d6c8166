// Euclidean distances of some points to all: out[a, b] = |points[first + a] - points[b]|, one invocation a pair.
// Differences are squared and summed as they are: |x|^2 + |y|^2 - 2 x y would lose the digits of near points.
// points: [n, d]; out: [rows, n].
struct Shape {
    n: u32,
    d: u32,
    first: u32,
    rows: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> points: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(16, 16, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= shape.n || id.y >= shape.rows {
        return;
    }
    let one = (shape.first + id.y) * shape.d;
    let other = id.x * shape.d;
    var sum = 0.0;
    for (var c = 0u; c < shape.d; c++) {
        let apart = points[one + c] - points[other + c];
        sum += apart * apart;
    }
    out[id.y * shape.n + id.x] = sqrt(sum);
}

//! The WGSL kernels of `shaders/` as burn operations on a graphics adapter, with their own way back: a GRU step with its
//! normalisation, a layer normalisation, the epilogues of a residual block, and that of all heads, each one launch.
#![allow(clippy::type_complexity)] // the extension macro reads the tuple of gradients, an alias it does not

use super::ops::Activation;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Shape, Tensor};
use burn_cubecl::cubecl::prelude::KernelId;
use burn_cubecl::cubecl::server::KernelArguments;
use burn_cubecl::cubecl::{CubeCount, CubeDim};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::template::{KernelSource, SourceKernel, SourceTemplate};
use burn_cubecl::{CubeBackend, tensor::CubeTensor};
use std::sync::atomic::{AtomicU64, Ordering};

/// Most rows of one launch: workgroups of one dispatch dimension that every adapter allows.
pub const MAX_ROWS: usize = 65_535;

/// The operations. Rows are all rows of all models; parameters of a row come expanded to rows where it says so.
#[backend_extension(Cube, Fusion, Autodiff)]
pub trait CellOps: Backend {
    /// h after one GRU step from `h`, divided by its root mean square, times `gain`. `gates` and `hidden` `[m, r, 3 w]` are the
    /// shares of input and state in the gates r, z, n; the others, and the result, are `[m, r, w]`.
    #[fusion(dtype = h, shape = h)]
    fn gru_norm(
        gates: FloatTensor<Self>,
        hidden: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        h: FloatTensor<Self>,
        gain: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Gradients of the five inputs of [`CellOps::gru_norm`], in their order.
    #[fusion(meta = |_grad, gates, hidden, bias, h, gain| {
        (gates.clone(), hidden.clone(), bias.clone(), h.clone(), gain.clone())
    })]
    fn gru_norm_back(
        grad: FloatTensor<Self>,
        gates: FloatTensor<Self>,
        hidden: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        h: FloatTensor<Self>,
        gain: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// Layer normalisation of rows; all `[m, r, w]`.
    #[fusion(dtype = x, shape = x)]
    fn row_norm(x: FloatTensor<Self>, gain: FloatTensor<Self>, shift: FloatTensor<Self>)
    -> FloatTensor<Self>;

    /// Gradients of x and gain of [`CellOps::row_norm`]; that of the shift is `grad` itself.
    #[fusion(meta = |_grad, x, gain| (x.clone(), gain.clone()))]
    fn row_norm_back(
        grad: FloatTensor<Self>,
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// `mask gelu(x + bias)` for x `[m, r, w]`, bias `[m, 1, w]`, mask `[1, r, w]`.
    #[fusion(dtype = x, shape = x)]
    fn gelu_mask(x: FloatTensor<Self>, bias: FloatTensor<Self>, mask: FloatTensor<Self>)
    -> FloatTensor<Self>;

    /// Gradient of x of [`CellOps::gelu_mask`]; that of the bias is its sum over rows.
    #[fusion(dtype = x, shape = x)]
    fn gelu_mask_back(
        grad: FloatTensor<Self>,
        x: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        mask: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Tiny's proposal `h + product + bias` and its next thought `z + step proposal`; all `[m, r, w]` but bias `[m, 1, w]`.
    #[fusion(meta = |_product, _bias, h, z, _step| (h.clone(), z.clone()))]
    fn update(
        product: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        h: FloatTensor<Self>,
        z: FloatTensor<Self>,
        step: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// `[score, tau, log_var, logits]`, `[m, r, 3 + w]`, of the product `[m, r, w]` of the state with all heads' weights
    /// (score, temperature and log variance first) and their bias `[m, 1, w]`; log_var stays within `bound`.
    #[fusion(dtype = product, shape = three_wider(product))]
    fn heads(product: FloatTensor<Self>, bias: FloatTensor<Self>, bound: f32) -> FloatTensor<Self>;

    /// Gradient of the product of [`CellOps::heads`]; that of the bias is its sum over rows.
    #[fusion(dtype = product, shape = product)]
    fn heads_back(
        grad: FloatTensor<Self>,
        product: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        bound: f32,
    ) -> FloatTensor<Self>;
}

fn three_wider(shape: &Shape) -> Shape {
    Shape::new([shape[0], shape[1], shape[2] + 3])
}

/// Whether the kernels serve for tensors on this device and so many rows.
pub fn serves(x: &Activation, rows: usize) -> bool {
    x.device().inner() != burn::tensor::Device::flex() && rows <= MAX_ROWS
}

/// [`CellOps::gru_norm`] on tensors.
pub fn gru_norm(
    gates: &Activation,
    hidden: Activation,
    bias: &Activation,
    h: Activation,
    gain: &Activation,
) -> Activation {
    let [gates, hidden, bias, h, gain] =
        [gates.clone(), hidden, bias.clone(), h, gain.clone()].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::gru_norm(gates, hidden, bias, h, gain))
}

/// [`CellOps::row_norm`] on tensors.
pub fn row_norm(x: Activation, gain: &Activation, shift: &Activation) -> Activation {
    let [x, gain, shift] = [x, gain.clone(), shift.clone()].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::row_norm(x, gain, shift))
}

/// [`CellOps::gelu_mask`] on tensors.
pub fn gelu_mask(x: Activation, bias: Activation, mask: Activation) -> Activation {
    let [x, bias, mask] = [x, bias, mask].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::gelu_mask(x, bias, mask))
}

/// [`CellOps::update`] on tensors: the proposal and the next thought.
pub fn update(
    product: Activation,
    bias: Activation,
    h: Activation,
    z: Activation,
    step: f32,
) -> (Activation, Activation) {
    let [product, bias, h, z] = [product, bias, h, z].map(Tensor::into_dispatch);
    let (proposal, next) = Dispatch::update(product, bias, h, z, step);
    (Tensor::from_dispatch(proposal), Tensor::from_dispatch(next))
}

/// [`CellOps::heads`] on tensors.
pub fn heads(product: Activation, bias: Activation, bound: f32) -> Activation {
    let [product, bias] = [product, bias].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::heads(product, bias, bound))
}

/// A shader with the sizes put in. One variant a width (and, for the epilogues, a number of rows) is compiled.
#[derive(Debug)]
struct Shader {
    name: &'static str,
    text: &'static str,
    sizes: Sizes,
    threads: usize,
}

/// What a shader's text leaves open; 0 where it does not ask.
#[derive(Clone, Copy, Debug, Default)]
struct Sizes {
    width: usize,
    /// Rows of one model.
    rows: usize,
    value: f32,
}

impl Sizes {
    /// Those of an activation `[m, r, w]`.
    fn of(t: &CubeTensor) -> Self {
        Self { width: t.shape()[2], rows: t.shape()[1], value: 0.0 }
    }

    /// The width alone: such a shader serves any number of rows.
    fn width(t: &CubeTensor) -> Self {
        Self { rows: 0, ..Self::of(t) }
    }

    fn with(self, value: f32) -> Self {
        Self { value, ..self }
    }
}

impl KernelSource for Shader {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(self.text)
            .register("width", self.sizes.width.to_string())
            .register("rows", self.sizes.rows.to_string())
            .register("value", format!("{:e}", self.sizes.value))
            .register("threads", self.threads.to_string())
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((
            self.name,
            self.sizes.width,
            self.sizes.rows,
            self.sizes.value.to_bits(),
            self.threads,
        ))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Threads of a workgroup: a power of two, no more than the row is wide, at most 128.
fn threads(width: usize) -> usize {
    [128, 64, 32].into_iter().find(|t| *t <= width).unwrap_or(32)
}

static LAUNCHES: AtomicU64 = AtomicU64::new(0);

/// Launches of these kernels so far in this process; launches of burn's own are not among them.
pub fn launches() -> u64 {
    LAUNCHES.load(Ordering::Relaxed)
}

/// Launches one workgroup a row with these inputs; gives one fresh tensor for each shape of `outputs`.
fn launch<const N: usize>(
    name: &'static str,
    text: &'static str,
    sizes: Sizes,
    inputs: Vec<CubeTensor>,
    outputs: [Shape; N],
) -> [CubeTensor; N] {
    let like = inputs[0].clone();
    let count = outputs[0][0] * outputs[0][1];
    let outputs = outputs.map(|shape| {
        let empty = like.client.empty(shape.num_elements() * like.dtype.size());
        CubeTensor::new_contiguous(like.client.clone(), like.device.clone(), shape, empty, like.dtype)
    });
    let threads = threads(sizes.width);
    let shader = Shader { name, text, sizes, threads };
    let buffers = inputs
        .into_iter()
        .map(|t| t.handle.binding())
        .chain(outputs.iter().map(|t| t.handle.clone().binding()))
        .collect();
    LAUNCHES.fetch_add(1, Ordering::Relaxed);
    like.client.launch(
        Box::new(SourceKernel::new(shader, CubeDim::new_1d(threads as u32))),
        CubeCount::Static(count as u32, 1, 1),
        KernelArguments::new().with_buffers(buffers),
    );
    outputs
}

type Raw = FloatTensor<CubeBackend>;

impl CellOps for CubeBackend {
    fn gru_norm(gates: Raw, hidden: Raw, bias: Raw, h: Raw, gain: Raw) -> Raw {
        let inputs = [gates, hidden, bias, h, gain].map(into_contiguous);
        let like = inputs[3].clone();
        let text = include_str!("../../shaders/gru_norm.wgsl");
        let [out] = launch("gru_norm", text, Sizes::width(&like), inputs.to_vec(), [like.shape()]);
        out
    }

    fn gru_norm_back(
        grad: Raw,
        gates: Raw,
        hidden: Raw,
        bias: Raw,
        h: Raw,
        gain: Raw,
    ) -> (Raw, Raw, Raw, Raw, Raw) {
        let inputs = [grad, gates, hidden, bias, h, gain].map(into_contiguous);
        let [_, gates, hidden, bias, h, gain] = inputs.clone();
        let text = include_str!("../../shaders/gru_norm_back.wgsl");
        let like = [&gates, &hidden, &bias, &h, &gain].map(|t| t.shape());
        let [d_gates, d_hidden, d_bias, d_h, d_gain] =
            launch("gru_norm_back", text, Sizes::width(&h), inputs.to_vec(), like);
        (d_gates, d_hidden, d_bias, d_h, d_gain)
    }

    fn row_norm(x: Raw, gain: Raw, shift: Raw) -> Raw {
        let inputs = [x, gain, shift].map(into_contiguous);
        let like = inputs[0].clone();
        let text = include_str!("../../shaders/layer_norm.wgsl");
        let [out] = launch("layer_norm", text, Sizes::width(&like), inputs.to_vec(), [like.shape()]);
        out
    }

    fn row_norm_back(grad: Raw, x: Raw, gain: Raw) -> (Raw, Raw) {
        let inputs = [grad, x, gain].map(into_contiguous);
        let like = inputs[1].clone();
        let text = include_str!("../../shaders/layer_norm_back.wgsl");
        let [d_x, d_gain] = launch(
            "layer_norm_back",
            text,
            Sizes::width(&like),
            inputs.to_vec(),
            [like.shape(), like.shape()],
        );
        (d_x, d_gain)
    }

    fn gelu_mask(x: Raw, bias: Raw, mask: Raw) -> Raw {
        let inputs = [x, bias, mask].map(into_contiguous);
        let like = inputs[0].clone();
        let text = include_str!("../../shaders/gelu.wgsl");
        let [out] = launch("gelu", text, Sizes::of(&like), inputs.to_vec(), [like.shape()]);
        out
    }

    fn gelu_mask_back(grad: Raw, x: Raw, bias: Raw, mask: Raw) -> Raw {
        let inputs = [grad, x, bias, mask].map(into_contiguous);
        let like = inputs[1].clone();
        let text = include_str!("../../shaders/gelu_back.wgsl");
        let [out] = launch("gelu_back", text, Sizes::of(&like), inputs.to_vec(), [like.shape()]);
        out
    }

    fn update(product: Raw, bias: Raw, h: Raw, z: Raw, step: f32) -> (Raw, Raw) {
        let inputs = [product, bias, h, z].map(into_contiguous);
        let (sizes, shape) = (Sizes::of(&inputs[0]).with(step), inputs[0].shape());
        let text = include_str!("../../shaders/update.wgsl");
        let [proposal, next] = launch("update", text, sizes, inputs.to_vec(), [shape.clone(), shape]);
        (proposal, next)
    }

    fn heads(product: Raw, bias: Raw, bound: f32) -> Raw {
        let inputs = [product, bias].map(into_contiguous);
        let (sizes, shape) = (Sizes::of(&inputs[0]).with(bound), three_wider(&inputs[0].shape()));
        let text = include_str!("../../shaders/heads.wgsl");
        let [out] = launch("heads", text, sizes, inputs.to_vec(), [shape]);
        out
    }

    fn heads_back(grad: Raw, product: Raw, bias: Raw, bound: f32) -> Raw {
        let inputs = [grad, product, bias].map(into_contiguous);
        let (sizes, shape) = (Sizes::of(&inputs[1]).with(bound), inputs[1].shape());
        let text = include_str!("../../shaders/heads_back.wgsl");
        let [out] = launch("heads_back", text, sizes, inputs.to_vec(), [shape]);
        out
    }
}

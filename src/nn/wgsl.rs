//! The WGSL kernels of `shaders/` as burn operations on a graphics adapter, with their own way back: a GRU step with its
//! normalisation, a layer normalisation, and the epilogue of a residual block, each one launch.

use super::ops::Activation;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn_cubecl::cubecl::prelude::KernelId;
use burn_cubecl::cubecl::server::KernelArguments;
use burn_cubecl::cubecl::{CubeCount, CubeDim};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::template::{KernelSource, SourceKernel, SourceTemplate};
use burn_cubecl::{CubeBackend, tensor::CubeTensor};

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

/// A shader with the sizes put in. One variant a width (and, for the epilogue, a number of rows) is compiled.
#[derive(Debug)]
struct Shader {
    name: &'static str,
    text: &'static str,
    width: usize,
    rows: usize,
    threads: usize,
}

impl KernelSource for Shader {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(self.text)
            .register("width", self.width.to_string())
            .register("rows", self.rows.to_string())
            .register("threads", self.threads.to_string())
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((self.name, self.width, self.rows, self.threads))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Threads of a workgroup: a power of two, no more than the row is wide, at most 128.
fn threads(width: usize) -> usize {
    [128, 64, 32].into_iter().find(|t| *t <= width).unwrap_or(32)
}

/// Launches one workgroup a row with these inputs; gives one fresh tensor for each shape of `outputs`.
fn launch<const N: usize>(
    name: &'static str,
    text: &'static str,
    (width, rows): (usize, usize),
    inputs: Vec<CubeTensor>,
    outputs: [&CubeTensor; N],
) -> [CubeTensor; N] {
    let client = outputs[0].client.clone();
    let shape = outputs[0].shape();
    let count = shape[0] * shape[1];
    let outputs = outputs.map(|like| {
        let bytes = like.shape().num_elements() * like.dtype.size();
        CubeTensor::new_contiguous(
            client.clone(),
            like.device.clone(),
            like.shape(),
            client.empty(bytes),
            like.dtype,
        )
    });
    let threads = threads(width);
    let shader = Shader { name, text, width, rows, threads };
    let buffers = inputs
        .into_iter()
        .map(|t| t.handle.binding())
        .chain(outputs.iter().map(|t| t.handle.clone().binding()))
        .collect();
    client.launch(
        Box::new(SourceKernel::new(shader, CubeDim::new_1d(threads as u32))),
        CubeCount::Static(count as u32, 1, 1),
        KernelArguments::new().with_buffers(buffers),
    );
    outputs
}

fn width(t: &CubeTensor) -> usize {
    t.shape()[2]
}

type Raw = FloatTensor<CubeBackend>;

impl CellOps for CubeBackend {
    fn gru_norm(gates: Raw, hidden: Raw, bias: Raw, h: Raw, gain: Raw) -> Raw {
        let inputs = [gates, hidden, bias, h, gain].map(into_contiguous);
        let like = inputs[3].clone();
        let text = include_str!("../../shaders/gru_norm.wgsl");
        let [out] = launch("gru_norm", text, (width(&like), 0), inputs.to_vec(), [&like]);
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
        let like = [&gates, &hidden, &bias, &h, &gain];
        let [d_gates, d_hidden, d_bias, d_h, d_gain] =
            launch("gru_norm_back", text, (width(&h), 0), inputs.to_vec(), like);
        (d_gates, d_hidden, d_bias, d_h, d_gain)
    }

    fn row_norm(x: Raw, gain: Raw, shift: Raw) -> Raw {
        let inputs = [x, gain, shift].map(into_contiguous);
        let like = inputs[0].clone();
        let text = include_str!("../../shaders/layer_norm.wgsl");
        let [out] = launch("layer_norm", text, (width(&like), 0), inputs.to_vec(), [&like]);
        out
    }

    fn row_norm_back(grad: Raw, x: Raw, gain: Raw) -> (Raw, Raw) {
        let inputs = [grad, x, gain].map(into_contiguous);
        let like = inputs[1].clone();
        let text = include_str!("../../shaders/layer_norm_back.wgsl");
        let [d_x, d_gain] =
            launch("layer_norm_back", text, (width(&like), 0), inputs.to_vec(), [&like, &like]);
        (d_x, d_gain)
    }

    fn gelu_mask(x: Raw, bias: Raw, mask: Raw) -> Raw {
        let inputs = [x, bias, mask].map(into_contiguous);
        let like = inputs[0].clone();
        let text = include_str!("../../shaders/gelu.wgsl");
        let [out] = launch("gelu", text, (width(&like), like.shape()[1]), inputs.to_vec(), [&like]);
        out
    }

    fn gelu_mask_back(grad: Raw, x: Raw, bias: Raw, mask: Raw) -> Raw {
        let inputs = [grad, x, bias, mask].map(into_contiguous);
        let like = inputs[1].clone();
        let text = include_str!("../../shaders/gelu_back.wgsl");
        let [out] = launch("gelu_back", text, (width(&like), like.shape()[1]), inputs.to_vec(), [&like]);
        out
    }
}

//! The bodies of `nn::cpu` as burn operations with their own way back: one node of the graph instead of hundreds.

use super::cpu::{hrm, tiny};
use super::hrm::HrmConfig;
use super::ops::{Activation, columns};
use super::params::Params;
use super::scorer::Forward;
use super::tiny::TinyConfig;
use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{Tensor, TensorData};
use std::sync::{Arc, Mutex, PoisonError};

type Host = FloatTensor<Flex>;
type Graph = Autodiff<Flex>;
type Node = FloatTensor<Graph>;

/// Tiny's recursion on the processor: the last thought and the largest halt logit; `None` where this form does not serve
/// (another device, attention, inner states asked for).
pub fn tiny(
    config: &TinyConfig,
    p: &Params,
    pair: &Activation,
    how: &Forward,
) -> Option<(Activation, Activation)> {
    if config.attention || how.trace || !(1..=4).contains(&config.layers) {
        return None;
    }
    let [_, rows, _] = pair.dims();
    let shape = tiny::Shape {
        models: p.models,
        rows,
        width: config.width,
        recursions: config.recursions.max(1),
        step: config.step_scale,
    };
    let mut names: Vec<String> = [
        "z_proj.weight",
        "z_proj.bias",
        "final_ln.weight",
        "final_ln.bias",
        "halt_head.weight",
        "halt_head.bias",
    ]
    .map(str::to_owned)
    .to_vec();
    for layer in 0..config.layers {
        names.extend(
            ["ln.weight", "ln.bias", "mlp.0.weight", "mlp.0.bias", "mlp.3.weight", "mlp.3.bias"]
                .map(|part| format!("core.{layer}.{part}")),
        );
    }
    let mut constants = how.dropout.get(..config.layers).unwrap_or_default().to_vec();
    let masks = constants.len();
    constants.extend(how.z0.clone());
    let body = Body::Tiny { shape, layers: config.layers, masks, z0: how.z0.is_some() };
    run(&body, p, pair, &names, constants, config.width)
}

/// HRM's two cells on the processor, from x~: the last state and the largest halt logit; `None` where this form does not serve.
pub fn hrm(
    config: &HrmConfig,
    p: &Params,
    input: &Activation,
    how: &Forward,
) -> Option<(Activation, Activation)> {
    if how.trace {
        return None;
    }
    let [_, rows, _] = input.dims();
    let shape = hrm::Shape {
        models: p.models,
        rows,
        high: config.high,
        low: config.low,
        cycles: config.cycles.max(1),
        steps: config.steps.max(1),
    };
    let mut names = Vec::new();
    for cell in ["l_module", "h_module"] {
        for part in [
            "rnn_cell.weight_ih",
            "rnn_cell.weight_hh",
            "rnn_cell.bias_ih",
            "rnn_cell.bias_hh",
            "norm.weight",
        ] {
            names.push(format!("{cell}.{part}"));
        }
    }
    names.extend(["final_norm.weight", "halt_head.weight", "halt_head.bias"].map(str::to_owned));
    run(&Body::Hrm(shape), p, input, &names, Vec::new(), config.high)
}

fn run(
    body: &Body,
    p: &Params,
    first: &Activation,
    names: &[String],
    constants: Vec<Activation>,
    width: usize,
) -> Option<(Activation, Activation)> {
    if first.device().inner() != burn::tensor::Device::flex() {
        return None;
    }
    let constants = constants.into_iter().map(constant).collect::<Option<Vec<Host>>>()?;
    let inputs: Vec<Activation> =
        std::iter::once(first.clone()).chain(names.iter().map(|name| p.get(name))).collect();
    let on_graph = inputs.iter().any(|t| t.clone().try_into_primitive::<Graph>().is_ok());
    let out = if on_graph {
        let nodes = inputs.into_iter().map(node).collect::<Option<Vec<Node>>>()?;
        Tensor::from_primitive::<Graph>(match nodes.len() {
            13 => track::<13>(body, nodes, constants)?,
            14 => track::<14>(body, nodes, constants)?,
            19 => track::<19>(body, nodes, constants)?,
            25 => track::<25>(body, nodes, constants)?,
            31 => track::<31>(body, nodes, constants)?,
            _ => return None,
        })
    } else {
        let hosts =
            inputs.into_iter().map(|t| t.try_into_primitive::<Flex>().ok()).collect::<Option<Vec<Host>>>()?;
        Tensor::from_primitive::<Flex>(body.forward(&contiguous(hosts), &contiguous(constants), false).0)
    };
    Some((columns(&out, 0, width), columns(&out, width, width + 1)))
}

/// A tensor that no gradient flows to.
fn constant(t: Activation) -> Option<Host> {
    t.detach().without_autodiff().try_into_primitive::<Flex>().ok()
}

fn node(t: Activation) -> Option<Node> {
    match t.clone().try_into_primitive::<Graph>() {
        Ok(node) => Some(node),
        Err(_) => t.try_into_primitive::<Flex>().ok().map(Node::new),
    }
}

fn contiguous(tensors: Vec<Host>) -> Vec<Host> {
    tensors.into_iter().map(|t| if t.as_slice::<f32>().is_some() { t } else { t.to_contiguous() }).collect()
}

/// The values of a contiguous tensor.
fn values(t: &Host) -> &[f32] {
    t.as_slice::<f32>().unwrap_or_default()
}

/// The values of a tensor on the processor, without a copy.
pub struct View(Host);

impl View {
    /// `None` for a tensor on another device.
    pub fn of(tensor: Activation) -> Option<Self> {
        contiguous(vec![constant(tensor)?]).pop().map(Self)
    }

    /// The values, row-major.
    pub fn values(&self) -> &[f32] {
        values(&self.0)
    }
}

/// Which body, and its sizes.
#[derive(Clone, Debug)]
enum Body {
    Tiny { shape: tiny::Shape, layers: usize, masks: usize, z0: bool },
    Hrm(hrm::Shape),
}

#[derive(Debug)]
enum Tape {
    Tiny(Box<tiny::Tape>),
    Hrm(Box<hrm::Tape>),
}

impl Body {
    fn forward(&self, inputs: &[Host], constants: &[Host], keep: bool) -> (Host, Option<Tape>) {
        let (out, dims, tape) = match self {
            Self::Tiny { shape, .. } => {
                let (out, tape) = tiny::forward(*shape, &self.tiny(inputs, constants), keep);
                (
                    out,
                    [shape.models, shape.rows, shape.width + 1],
                    tape.map(|tape| Tape::Tiny(Box::new(tape))),
                )
            }
            Self::Hrm(shape) => {
                let (out, tape) = hrm::forward(*shape, &hrm_inputs(inputs), keep);
                (out, [shape.models, shape.rows, shape.high + 1], tape.map(|tape| Tape::Hrm(Box::new(tape))))
            }
        };
        (Host::from_data(TensorData::new(out, dims)), tape)
    }

    /// Gradients in the order of the inputs; an empty one was not asked for.
    fn backward(
        &self,
        inputs: &[Host],
        constants: &[Host],
        tape: Tape,
        grad: &[f32],
        first: bool,
    ) -> Vec<Vec<f32>> {
        match tape {
            Tape::Tiny(tape) => {
                let g = tiny::backward(&self.tiny(inputs, constants), *tape, grad, first);
                let mut out = vec![g.pair, g.w, g.b, g.gain, g.shift, g.halt, g.halt_bias];
                for l in g.layers {
                    out.extend([l.gain, l.shift, l.w1, l.b1, l.w2, l.b2]);
                }
                out
            }
            Tape::Hrm(tape) => {
                let g = hrm::backward(&hrm_inputs(inputs), *tape, grad);
                let mut out = vec![g.x];
                for c in [g.fast, g.slow] {
                    out.extend([c.input, c.hidden, c.input_bias, c.hidden_bias, c.gain]);
                }
                out.extend([g.gain, g.halt, g.halt_bias]);
                out
            }
        }
    }

    fn tiny<'a>(&self, inputs: &'a [Host], constants: &'a [Host]) -> tiny::Inputs<'a> {
        let Self::Tiny { layers, masks, z0, .. } = self else { unreachable!("called for Tiny only") };
        let v = |at: usize| values(&inputs[at]);
        let layer = |l: usize| {
            let at = 7 + 6 * l;
            let mask = (l < *masks).then(|| values(&constants[l]));
            tiny::Layer {
                gain: v(at),
                shift: v(at + 1),
                w1: v(at + 2),
                b1: v(at + 3),
                w2: v(at + 4),
                b2: v(at + 5),
                mask,
            }
        };
        tiny::Inputs {
            pair: v(0),
            w: v(1),
            b: v(2),
            z0: z0.then(|| values(&constants[*masks])),
            layers: (0..*layers).map(layer).collect(),
            gain: v(3),
            shift: v(4),
            halt: v(5),
            halt_bias: v(6),
        }
    }
}

fn hrm_inputs(inputs: &[Host]) -> hrm::Inputs<'_> {
    let v = |at: usize| values(&inputs[at]);
    let cell = |at: usize| hrm::Cell {
        input: v(at),
        hidden: v(at + 1),
        input_bias: v(at + 2),
        hidden_bias: v(at + 3),
        gain: v(at + 4),
    };
    hrm::Inputs { x: v(0), fast: cell(1), slow: cell(6), gain: v(11), halt: v(12), halt_bias: v(13) }
}

#[derive(Debug)]
struct Back;

#[derive(Clone, Debug)]
struct State {
    body: Body,
    inputs: Vec<Host>,
    constants: Vec<Host>,
    /// Taken by the one way back there is.
    tape: Arc<Mutex<Option<Tape>>>,
}

impl<const N: usize> Backward<Flex, N> for Back {
    type State = State;

    fn backward(self, ops: Ops<State, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<Flex>(&ops.node);
        let State { body, inputs, constants, tape } = ops.state;
        let Some(tape) = tape.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let grad = contiguous(vec![grad]);
        let found = body.backward(&inputs, &constants, tape, values(&grad[0]), ops.parents[0].is_some());
        for ((parent, gradient), input) in ops.parents.into_iter().zip(found).zip(&inputs) {
            if let Some(parent) = parent {
                let gradient = Host::from_data(TensorData::new(gradient, input.shape()));
                grads.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

fn track<const N: usize>(body: &Body, nodes: Vec<Node>, constants: Vec<Host>) -> Option<Node> {
    let guards: [NodeGuard; N] = nodes.iter().map(Node::node).collect::<Vec<_>>().try_into().ok()?;
    let inputs = contiguous(nodes.into_iter().map(Node::into_primitive).collect());
    let constants = contiguous(constants);
    Some(
        match Back
            .prepare::<burn::backend::autodiff::checkpoint::strategy::NoCheckpointing>(guards)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let (out, tape) = body.forward(&inputs, &constants, true);
                let state = State { body: body.clone(), inputs, constants, tape: Arc::new(Mutex::new(tape)) };
                prep.finish(state, out)
            }
            OpsKind::UnTracked(prep) => prep.finish(body.forward(&inputs, &constants, false).0),
        },
    )
}

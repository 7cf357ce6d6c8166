//! The way back of the WGSL operations: each one launch, from the inputs that the way there had.

use super::wgsl::CellOps;
use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;

type Node<B, C> = FloatTensor<Autodiff<B, C>>;

#[derive(Debug)]
struct GruBack;

impl<B: CellOps> Backward<B, 5> for GruBack {
    type State = [FloatTensor<B>; 5];

    fn backward(self, ops: Ops<Self::State, 5>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let [gates, hidden, bias, h, gain] = ops.state;
        let (a, b, c, d, e) = B::gru_norm_back(grad, gates, hidden, bias, h, gain);
        for (parent, gradient) in ops.parents.into_iter().zip([a, b, c, d, e]) {
            if let Some(parent) = parent {
                grads.register::<B>(parent.id, gradient);
            }
        }
    }
}

#[derive(Debug)]
struct NormBack;

impl<B: CellOps> Backward<B, 3> for NormBack {
    type State = [FloatTensor<B>; 2];

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let [x, gain] = ops.state;
        let (d_x, d_gain) = B::row_norm_back(grad.clone(), x, gain);
        for (parent, gradient) in ops.parents.into_iter().zip([d_x, d_gain, grad]) {
            if let Some(parent) = parent {
                grads.register::<B>(parent.id, gradient);
            }
        }
    }
}

#[derive(Debug)]
struct GeluBack;

impl<B: CellOps> Backward<B, 2> for GeluBack {
    type State = [FloatTensor<B>; 3];

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let [x, bias, mask] = ops.state;
        let d_x = B::gelu_mask_back(grad, x, bias, mask);
        let [node_x, node_bias] = ops.parents;
        if let Some(parent) = node_bias {
            grads.register::<B>(parent.id, B::float_sum_dim(d_x.clone(), 1));
        }
        if let Some(parent) = node_x {
            grads.register::<B>(parent.id, d_x);
        }
    }
}

/// The way back through Tiny's proposal, a plain sum.
#[derive(Debug)]
struct ProposalBack;

impl<B: CellOps> Backward<B, 3> for ProposalBack {
    type State = ();

    fn backward(self, ops: Ops<(), 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let [product, bias, h] = ops.parents;
        if let Some(parent) = bias {
            grads.register::<B>(parent.id, B::float_sum_dim(grad.clone(), 1));
        }
        for parent in [product, h].into_iter().flatten() {
            grads.register::<B>(parent.id, grad.clone());
        }
    }
}

/// The way back through z + step proposal.
#[derive(Debug)]
struct NextBack;

impl<B: CellOps> Backward<B, 2> for NextBack {
    type State = f32;

    fn backward(self, ops: Ops<f32, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let [proposal, z] = ops.parents;
        if let Some(parent) = proposal {
            grads.register::<B>(parent.id, B::float_mul_scalar(grad.clone(), ops.state.into()));
        }
        if let Some(parent) = z {
            grads.register::<B>(parent.id, grad);
        }
    }
}

#[derive(Debug)]
struct HeadsBack;

impl<B: CellOps> Backward<B, 2> for HeadsBack {
    type State = ([FloatTensor<B>; 2], f32);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let ([product, bias], bound) = ops.state;
        let d_product = B::heads_back(grad, product, bias, bound);
        let [node_product, node_bias] = ops.parents;
        if let Some(parent) = node_bias {
            grads.register::<B>(parent.id, B::float_sum_dim(d_product.clone(), 1));
        }
        if let Some(parent) = node_product {
            grads.register::<B>(parent.id, d_product);
        }
    }
}

/// A result that nothing is differentiated through: the ways back themselves.
fn constant<B: CellOps, C: CheckpointStrategy>(value: FloatTensor<B>) -> Node<B, C> {
    Node::<B, C>::new(value)
}

impl<B: CellOps, C: CheckpointStrategy> CellOps for Autodiff<B, C> {
    fn gru_norm(
        gates: Node<B, C>,
        hidden: Node<B, C>,
        bias: Node<B, C>,
        h: Node<B, C>,
        gain: Node<B, C>,
    ) -> Node<B, C> {
        let nodes = [gates.node(), hidden.node(), bias.node(), h.node(), gain.node()];
        let state = [gates, hidden, bias, h, gain].map(Node::<B, C>::into_primitive);
        let [a, b, c, d, e] = state.clone();
        let out = B::gru_norm(a, b, c, d, e);
        match GruBack.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(state, out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }

    fn gru_norm_back(
        grad: Node<B, C>,
        gates: Node<B, C>,
        hidden: Node<B, C>,
        bias: Node<B, C>,
        h: Node<B, C>,
        gain: Node<B, C>,
    ) -> (Node<B, C>, Node<B, C>, Node<B, C>, Node<B, C>, Node<B, C>) {
        let [grad, gates, hidden, bias, h, gain] =
            [grad, gates, hidden, bias, h, gain].map(Node::<B, C>::into_primitive);
        let (a, b, c, d, e) = B::gru_norm_back(grad, gates, hidden, bias, h, gain);
        (
            constant::<B, C>(a),
            constant::<B, C>(b),
            constant::<B, C>(c),
            constant::<B, C>(d),
            constant::<B, C>(e),
        )
    }

    fn row_norm(x: Node<B, C>, gain: Node<B, C>, shift: Node<B, C>) -> Node<B, C> {
        let nodes = [x.node(), gain.node(), shift.node()];
        let [x, gain, shift] = [x, gain, shift].map(Node::<B, C>::into_primitive);
        let out = B::row_norm(x.clone(), gain.clone(), shift);
        match NormBack.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish([x, gain], out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }

    fn row_norm_back(grad: Node<B, C>, x: Node<B, C>, gain: Node<B, C>) -> (Node<B, C>, Node<B, C>) {
        let [grad, x, gain] = [grad, x, gain].map(Node::<B, C>::into_primitive);
        let (d_x, d_gain) = B::row_norm_back(grad, x, gain);
        (constant::<B, C>(d_x), constant::<B, C>(d_gain))
    }

    fn gelu_mask(x: Node<B, C>, bias: Node<B, C>, mask: Node<B, C>) -> Node<B, C> {
        let nodes = [x.node(), bias.node()];
        let state = [x, bias, mask].map(Node::<B, C>::into_primitive);
        let [a, b, c] = state.clone();
        let out = B::gelu_mask(a, b, c);
        match GeluBack.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(state, out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }

    fn gelu_mask_back(grad: Node<B, C>, x: Node<B, C>, bias: Node<B, C>, mask: Node<B, C>) -> Node<B, C> {
        let [grad, x, bias, mask] = [grad, x, bias, mask].map(Node::<B, C>::into_primitive);
        constant::<B, C>(B::gelu_mask_back(grad, x, bias, mask))
    }

    /// One launch, two nodes: the second hangs on the first, so that a gradient of either finds its way.
    fn update(
        product: Node<B, C>,
        bias: Node<B, C>,
        h: Node<B, C>,
        z: Node<B, C>,
        step: f32,
    ) -> (Node<B, C>, Node<B, C>) {
        let (nodes, thought) = ([product.node(), bias.node(), h.node()], z.node());
        let [product, bias, h, z] = [product, bias, h, z].map(Node::<B, C>::into_primitive);
        let (proposal, next) = B::update(product, bias, h, z, step);
        let proposal = match ProposalBack.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((), proposal),
            OpsKind::UnTracked(prep) => prep.finish(proposal),
        };
        let next = match NextBack.prepare::<C>([proposal.node(), thought]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(step, next),
            OpsKind::UnTracked(prep) => prep.finish(next),
        };
        (proposal, next)
    }

    fn heads(product: Node<B, C>, bias: Node<B, C>, bound: f32) -> Node<B, C> {
        let nodes = [product.node(), bias.node()];
        let state = [product, bias].map(Node::<B, C>::into_primitive);
        let [a, b] = state.clone();
        let out = B::heads(a, b, bound);
        match HeadsBack.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((state, bound), out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }

    fn heads_back(grad: Node<B, C>, product: Node<B, C>, bias: Node<B, C>, bound: f32) -> Node<B, C> {
        let [grad, product, bias] = [grad, product, bias].map(Node::<B, C>::into_primitive);
        constant::<B, C>(B::heads_back(grad, product, bias, bound))
    }
}

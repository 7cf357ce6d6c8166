//! Both scorers against reference numbers: forward outputs, losses, gradients and three optimiser steps, on the
//! processor and on a graphics adapter. Cases are folders; a new one needs no code.

use burn::tensor::{Device, Tensor, TensorData};
use gapfield::nn::checkpoint::raw;
use gapfield::nn::device::{Backend, Request, choose, on_lab_thread};
use gapfield::nn::heads::Heads;
use gapfield::nn::hrm::HrmConfig;
use gapfield::nn::kernels::Kernels;
use gapfield::nn::ops::Activation;
use gapfield::nn::params::{HostParams, HostTensor, floats};
use gapfield::nn::readings::{finite_difference, masked_consistency};
use gapfield::nn::scorer::{Forward, ScorerConfig};
use gapfield::nn::tiny::TinyConfig;
use gapfield::train::adamw::AdamW;
use gapfield::train::learner::Learner;
use gapfield::train::loss::{LossConfig, LossWeights, Targets};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

type Numbers = BTreeMap<String, HostTensor>;

struct Case {
    name: String,
    config: ScorerConfig,
    json: Value,
    weights: HostParams,
    inputs: Numbers,
    expected: Numbers,
}

fn golden() -> PathBuf {
    std::env::var_os("GAPFIELD_GOLDEN")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"), PathBuf::from)
}

fn cases(kind: &str) -> Vec<Case> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(golden().join(kind))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.join("weights.safetensors").exists())
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "no case under {}", golden().join(kind).display());
    folders.iter().map(|f| read_case(kind, f)).collect()
}

fn read_case(kind: &str, folder: &Path) -> Case {
    let json: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("config.json")).unwrap()).unwrap();
    let file = |name: &str| raw(&std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap()).unwrap();
    let number = |key: &str| json[key].as_u64().unwrap() as usize;
    let weights = file("weights");
    let config = if kind == "tiny" {
        ScorerConfig::Tiny(TinyConfig {
            width: number("d_model"),
            layers: number("n_layers"),
            recursions: number("n_recursions"),
            attention: json["use_attention"].as_bool().unwrap(),
            step_scale: json["step_scale"].as_f64().unwrap() as f32,
            classes: if weights.tensors.contains_key("classifier.weight") { number("vocab_size") } else { 0 },
            wide: None,
        })
    } else {
        ScorerConfig::Hrm(HrmConfig {
            embedding: number("embed_dim"),
            high: number("h_dim"),
            low: number("l_dim"),
            cycles: number("n_cycles"),
            steps: number("t_steps"),
            wide: None,
        })
    };
    let (inputs, expected) = (file("inputs").tensors, file("expected").tensors);
    Case {
        name: format!("{kind}/{}", folder.file_name().unwrap().display()),
        config,
        json,
        weights,
        inputs,
        expected,
    }
}

fn activation(t: &HostTensor, device: &Device) -> Activation {
    Tensor::from_data(TensorData::new(t.data.clone(), [1, t.shape[0], t.shape[1]]), device)
}

impl Case {
    fn input(&self, name: &str, device: &Device) -> Activation {
        activation(&self.inputs[name], device)
    }

    fn targets(&self, device: &Device) -> Targets {
        let score = &self.inputs["target"];
        let rows = score.shape[0];
        let thirds = score.data.iter().flat_map(|t| {
            let class = ((t * 3.0).floor() as usize).min(2);
            (0..3).map(move |c| f32::from(u8::from(c == class)))
        });
        Targets {
            score: self.input("target", device),
            weight: Tensor::full([1, rows, 1], 1.0 / rows as f32, device),
            aux3: Tensor::from_data(TensorData::new(thirds.collect::<Vec<f32>>(), [1, rows, 3]), device),
            y: self.input("y", device),
            mask: self.input("mask", device),
            ood: Tensor::zeros([1, rows, 1], device),
            halt: Some(self.input("halt_target", device)),
            sensitivity: None,
            gap: None,
        }
    }

    fn loss(&self) -> LossConfig {
        let weight = |key: &str| self.json["loss_weights"][key].as_f64().unwrap_or(0.0) as f32;
        let weights = LossWeights {
            main: 1.0,
            aux3: weight("aux3"),
            disagree: weight("disagree"),
            recon: weight("recon"),
            consistency: weight("consistency"),
            ood: weight("ood"),
            sensitivity: weight("sensitivity"),
            halt: weight("halt"),
            agree: weight("agree"),
        };
        LossConfig { weights, cap: None, recon_clamped: true }
    }

    /// The fused form keeps no inner states; the plain one is asked for all of them.
    fn forward(&self, device: &Device, form: Kernels) -> Forward {
        let z0 = self.inputs.contains_key("z").then(|| self.input("z", device));
        Forward {
            z0,
            guardrails: true,
            trace: form == Kernels::Plain,
            dropout: Vec::new(),
            kernels: Some(form),
        }
    }

    fn outputs(
        &self,
        heads: &Heads,
        device: &Device,
        learner: &Learner,
        form: Kernels,
    ) -> BTreeMap<String, Vec<f32>> {
        let sigmoid = burn::tensor::activation::sigmoid::<3>;
        let mut out: BTreeMap<String, Vec<f32>> = BTreeMap::new();
        let mut put = |name: &str, t: Activation| out.insert(name.to_owned(), floats(t));
        put("score_logit", heads.score_logit.clone());
        put("score", heads.score.clone());
        put("tau", heads.tau.clone());
        put("temp01", sigmoid(heads.tau_raw.clone()));
        put("log_var", heads.log_var.clone());
        put("uncertainty01", sigmoid(heads.log_var.clone()));
        put("aux3_logits", heads.aux3.clone());
        let log_p = burn::tensor::activation::log_softmax(heads.aux3.clone(), 2);
        put("entropy_aux", (log_p.clone().exp() * log_p).sum_dim(2) * (-1.0 / 3.0_f64.ln()));
        put("disagree_logit", heads.disagree.clone());
        put("consistency_logit", heads.consistency.clone());
        put("ood_logit", heads.ood.clone());
        put("y_recon", heads.y_recon.clone());
        put("recon_sim", (heads.recon_cosine.clone() + 1.0) / 2.0);
        put("halt_logit", heads.halt.clone());
        put("halt_prob", sigmoid(heads.halt.clone()));
        put("consistency_target", masked_consistency(&heads.state, &self.input("mask", device)));
        for (name, t) in [
            ("agree_logit", &heads.agree),
            ("sens_logit", &heads.sensitivity),
            ("class_logits", &heads.classes),
        ] {
            if let Some(t) = t {
                put(name, t.clone());
            }
        }
        for (name, t) in &heads.trace {
            put(name, t.clone());
        }
        let eps = self.json["fd_eps"].as_f64().unwrap();
        let moved = self.input("y", device) + self.input("u", device) * eps;
        let there = learner.config.forward(
            &learner.params,
            &self.input("x", device),
            &moved,
            &self.forward(device, form),
        );
        put("jacobian_fd", finite_difference(there.score, heads.score.clone().detach().without_autodiff()));
        let lengths = &self.inputs["seq_len"].data;
        out.insert(
            "length_norm01".to_owned(),
            lengths.iter().map(|n| gapfield::core::scm::length_norm01(*n as usize)).collect(),
        );
        out
    }
}

struct Checker {
    case: String,
    wrong: Vec<String>,
    checked: usize,
}

impl Checker {
    /// Within `relative` of each value plus `absolute` times the largest value of the tensor (at least 1): rounding in
    /// float32 sums is in proportion to the largest addend, so a near-zero value inside a tensor of large ones cannot
    /// be held to an absolute 1e-6 by any float32 program.
    fn compare(&mut self, name: &str, got: &[f32], want: &[f32], relative: f32, absolute: f32) {
        self.checked += 1;
        let absolute = absolute * want.iter().fold(1.0_f32, |a, v| a.max(v.abs()));
        if got.len() != want.len() {
            self.wrong.push(format!("{name}: {} values, expected {}", got.len(), want.len()));
            return;
        }
        let worst = got
            .iter()
            .zip(want)
            .map(|(g, w)| (g - w).abs() / (absolute + relative * w.abs()))
            .fold(0.0_f32, |a, b| if b.is_nan() { f32::INFINITY } else { a.max(b) });
        if worst > 1.0 {
            self.wrong.push(format!("{name}: {worst:.2} times the tolerance"));
        }
    }

    fn finish(self) {
        assert!(self.checked > 50, "{}: only {} numbers were compared", self.case, self.checked);
        assert!(self.wrong.is_empty(), "{}:\n{}", self.case, self.wrong.join("\n"));
    }
}

/// Models stacked in the check: the case's model beside copies of itself must give the case's numbers.
fn check_case(case: &Case, form: Kernels, backend: Backend, device: &Device) {
    let mut checker = Checker { case: format!("{} {form:?}", case.name), wrong: Vec::new(), checked: 0 };
    let rule_json = &case.json["optimizer"];
    let rule = AdamW {
        weight_decay: rule_json["weight_decay"].as_f64().unwrap() as f32,
        clip: Some(rule_json["clip_grad_norm"].as_f64().unwrap() as f32),
        ..AdamW::default()
    };
    let rate = rule_json["lr"].as_f64().unwrap();
    let mut learner = Learner::new(case.config.clone(), &case.weights, None, rule, backend, device);
    let active = |name: &str| case.expected.contains_key(&format!("grad.{name}"));
    let (x, y) = (case.input("x", device), case.input("y", device));
    for step in 0..rule_json["steps"].as_u64().unwrap() {
        let (leaves, mut gradients, losses, heads) = learner.gradients(
            &x,
            &y,
            &case.targets(device),
            &case.forward(device, form),
            &case.loss(),
            &active,
        );
        if step == 0 {
            for (name, got) in case.outputs(&heads, device, &learner, form) {
                let Some(want) = case.expected.get(&format!("out.{name}")) else { continue };
                let absolute = if name == "jacobian_fd" { 5e-3 } else { 1e-6 };
                checker.compare(&format!("out.{name}"), &got, &want.data, 1e-4, absolute);
            }
            for (name, term) in &losses.terms {
                checker.compare(
                    name,
                    &floats(term.clone()),
                    &case.expected[&format!("loss.{name}")].data,
                    1e-4,
                    1e-6,
                );
            }
            checker.compare(
                "loss.total",
                &floats(losses.total),
                &case.expected["loss.total"].data,
                1e-4,
                1e-6,
            );
            for (name, tensor) in &leaves.tensors {
                let Some(gradient) = tensor.grad(&gradients) else { continue };
                let want = &case.expected[&format!("grad.{name}")];
                let got = gapfield::nn::params::from_device_layout(&floats(gradient), &want.shape, 1);
                checker.compare(&format!("grad.{name}"), &got, &want.data, 1e-4, 1e-6);
            }
        }
        learner.apply(&leaves, &mut gradients, rate);
        let norm = learner.optimiser().take_counters().last_norm[0] as f32;
        let want = &case.expected[&format!("grad_norm.step{step}")].data;
        checker.compare(&format!("grad_norm.step{step}"), &[norm], want, 1e-4, 1e-6);
    }
    for (name, got) in &learner.weights().tensors {
        checker.compare(
            &format!("after3.{name}"),
            &got.data,
            &case.expected[&format!("after3.{name}")].data,
            1e-4,
            1e-5, // a hundredth of one optimiser step at lr 1e-3; the reference names no tolerance here
        );
    }
    for name in case.expected.keys().filter(|n| n.starts_with("out.") || n.starts_with("loss.")) {
        let known =
            name.starts_with("loss.") || case.outputs_names().iter().any(|n| format!("out.{n}") == *name);
        if !known {
            checker.wrong.push(format!("{name} is expected but was not computed"));
        }
    }
    checker.finish();
}

impl Case {
    fn outputs_names(&self) -> Vec<String> {
        let device = Device::flex();
        let learner =
            Learner::new(self.config.clone(), &self.weights, None, AdamW::default(), Backend::Cpu, &device);
        let (x, y) = (self.input("x", &device), self.input("y", &device));
        let heads = self.config.forward(&learner.params, &x, &y, &self.forward(&device, Kernels::Plain));
        self.outputs(&heads, &device, &learner, Kernels::Plain).into_keys().collect()
    }
}

fn check_all(kind: &'static str, request: Request) {
    let choice = choose(request).unwrap();
    on_lab_thread(move || {
        for case in cases(kind) {
            for form in [Kernels::Plain, Kernels::Fused] {
                check_case(&case, form, choice.backend, &choice.burn());
            }
        }
    })
    .unwrap();
}

#[test]
fn tiny_matches_the_reference_on_the_processor() {
    check_all("tiny", Request::Cpu);
}

#[test]
fn hrm_matches_the_reference_on_the_processor() {
    check_all("hrm", Request::Cpu);
}

#[test]
fn tiny_matches_the_reference_on_a_graphics_adapter() {
    check_all("tiny", Request::Wgpu);
}

#[test]
fn hrm_matches_the_reference_on_a_graphics_adapter() {
    check_all("hrm", Request::Wgpu);
}

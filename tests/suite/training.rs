//! Training and scoring on a small planted problem: what is promised of them, checked.

use gapfield::core::matrix::Matrix;
use gapfield::core::seed;
use gapfield::core::stats;
use gapfield::core::turn::Split;
use gapfield::job::JobContext;
use gapfield::nn::checkpoint;
use gapfield::nn::device::DeviceChoice;
use gapfield::nn::hrm::HrmConfig;
use gapfield::nn::params::{HostParams, Params, floats};
use gapfield::nn::readings::{CHUNK, scores};
use gapfield::nn::scorer::{ScorerConfig, ScorerKind};
use gapfield::nn::tiny::TinyConfig;
use gapfield::run::config::PassConfig;
use gapfield::score::pass::{PassError, Turns, score_pass};
use gapfield::score::skill::{Evidence, skills};
use gapfield::train::adamw::AdamW;
use gapfield::train::batch::{Batches, Extra};
use gapfield::train::data::{TrainData, TrainError, split_by_conversation};
use gapfield::train::learner::Learner;
use gapfield::train::loss::{LossConfig, LossWeights};
use gapfield::train::plan::Plan;
use gapfield::train::second_phase::second_phase;
use gapfield::train::state::TrainState;
use gapfield::train::trainer::{Control, Setting, Trained, train_scorer};
use std::collections::BTreeMap;

const WIDTH: usize = 16;

/// 160 turns in 40 conversations; each dimension's judgement follows its own direction of the response.
fn planted() -> TrainData {
    let mut rng = seed::stream(9, "planted");
    let turns = 160;
    let mut unit = |_: usize| {
        let v: Vec<f64> = (0..WIDTH).map(|_| seed::normal(&mut rng)).collect();
        let n = v.iter().map(|a| a * a).sum::<f64>().sqrt();
        v.into_iter().map(|a| (a / n) as f32).collect::<Vec<f32>>()
    };
    let rows = |unit: &mut dyn FnMut(usize) -> Vec<f32>| {
        let all: Vec<Vec<f32>> = (0..turns).map(&mut *unit).collect();
        Matrix::from_fn(turns, WIDTH, |r, c| all[r][c])
    };
    let (x, y) = (rows(&mut unit), rows(&mut unit));
    let directions: Vec<Vec<f32>> = (0..5).map(&mut unit).collect();
    let targets = Matrix::from_fn(turns, 5, |r, d| {
        let dot: f32 = y.row(r).iter().zip(&directions[d]).map(|(a, b)| a * b).sum();
        (0.5 + 0.8 * dot).clamp(0.0, 1.0)
    });
    let conversations: Vec<String> = (0..turns).map(|t| format!("c{:02}", t / 4)).collect();
    let split = split_by_conversation(&conversations, 1);
    TrainData { x, y, targets, names: TrainData::dimension_names(), split, conversations }
}

fn small(kind: ScorerKind) -> ScorerConfig {
    match kind {
        ScorerKind::Tiny => {
            ScorerConfig::Tiny(TinyConfig { recursions: 2, layers: 1, ..TinyConfig::for_width(WIDTH) })
        }
        ScorerKind::Hrm => ScorerConfig::Hrm(HrmConfig {
            high: 16,
            low: 8,
            cycles: 2,
            steps: 2,
            ..HrmConfig::for_width(WIDTH)
        }),
    }
}

fn plan(kind: ScorerKind, epochs: usize) -> Plan {
    let asked = PassConfig { epochs, learning_rate: 3e-3, ..PassConfig::default() };
    Plan { scorer: small(kind), ..Plan::resolve(kind, WIDTH, 0, &asked, false) }
}

fn train(data: &TrainData, plan: &Plan, resume: Option<TrainState>) -> (Trained, Vec<TrainState>) {
    let device = DeviceChoice::processor();
    let setting = Setting { pass: "A", seed: 11, device: &device, resume, control: Control::default() };
    let mut states = Vec::new();
    let trained =
        train_scorer(data, plan, setting, &JobContext::detached(), &mut |_, s| states.push(s.state()))
            .unwrap();
    (trained, states)
}

fn score_all(config: &ScorerConfig, weights: &HostParams, data: &TrainData) -> Matrix {
    let device = DeviceChoice::processor().burn();
    scores(config, &Params::from_host(weights, &device), &data.x, &data.y, &device)
}

#[test]
fn five_stacked_models_learn_what_five_separate_ones_learn() {
    let data = planted();
    for kind in [ScorerKind::Tiny, ScorerKind::Hrm] {
        let plan = plan(kind, 3);
        let (together, _) = train(&data, &plan, None);
        let all = score_all(&plan.scorer, &together.best, &data);
        for d in 0..5 {
            let alone = TrainData {
                targets: data.targets.select_columns(&[d]),
                names: vec![data.names[d].clone()],
                ..data.clone()
            };
            let (single, _) = train(&alone, &plan, None);
            assert_eq!(single.stopping[0].best_epoch, together.stopping[d].best_epoch);
            let own = score_all(&plan.scorer, &single.best, &alone);
            let worst = (0..data.turns()).map(|r| (own.get(r, 0) - all.get(r, d)).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-5, "{kind:?} {}: scores differ by {worst}", data.names[d]);
        }
    }
}

#[test]
fn a_planted_direction_is_found_on_held_out_turns() {
    let data = planted();
    for kind in [ScorerKind::Tiny, ScorerKind::Hrm] {
        let plan = plan(kind, 30);
        let (trained, _) = train(&data, &plan, None);
        let said = score_all(&plan.scorer, &trained.best, &data);
        let test = data.rows_of(Split::Test);
        for d in 0..5 {
            let column = |m: &Matrix| test.iter().map(|r| f64::from(m.get(*r, d))).collect::<Vec<f64>>();
            let rho = stats::spearman(&column(&said), &column(&data.targets)).unwrap();
            assert!(rho > 0.5, "{kind:?} {}: Spearman {rho}", data.names[d]);
        }
    }
}

#[test]
fn training_repeats_and_resumes_bit_for_bit() {
    let data = planted();
    let plan = plan(ScorerKind::Tiny, 4);
    let (whole, states) = train(&data, &plan, None);
    let (again, _) = train(&data, &plan, None);
    assert!(whole.last == again.last, "the same training twice");
    let bytes = states[1].to_bytes().unwrap();
    let stored = TrainState::from_bytes(&bytes).unwrap();
    assert!(stored.to_bytes().unwrap() == bytes, "a state comes back from its bytes");
    assert!(TrainState::from_bytes(&bytes[..bytes.len() / 2]).is_err());
    let (resumed, _) = train(&data, &plan, Some(stored));
    assert!(resumed.last == whole.last && resumed.best == whole.best, "resumed weights are the same bits");
    assert_eq!(resumed.history, whole.history);
}

/// A training whose control is changed by `change` after each epoch.
fn train_with(
    data: &TrainData,
    plan: &Plan,
    resume: Option<TrainState>,
    mut change: impl FnMut(usize, &Control),
) -> (Result<Trained, TrainError>, Vec<TrainState>) {
    let device = DeviceChoice::processor();
    let control = Control::default();
    change(0, &control);
    let setting = Setting { pass: "A", seed: 11, device: &device, resume, control: control.clone() };
    let mut states = Vec::new();
    let result = train_scorer(data, plan, setting, &JobContext::detached(), &mut |report, s| {
        states.push(s.state());
        change(report.epoch, &control);
    });
    (result, states)
}

#[test]
fn an_edited_rate_survives_a_resume_and_equals_the_same_plan() {
    let data = planted();
    let plain = plan(ScorerKind::Hrm, 5);
    let halved = |epoch: usize, control: &Control| {
        if epoch == 2 {
            control.set_rate_factor(0.5);
        }
    };
    let (edited, states) = train_with(&data, &plain, None, halved);
    let edited = edited.unwrap();
    let (untouched, _) = train(&data, &plain, None);
    assert!(edited.last != untouched.last, "the edit changes what is learnt");
    let planned = Plan { rate_steps: vec![(3, 0.5)], ..plain.clone() };
    assert!(
        train(&data, &planned, None).0.last == edited.last,
        "an edit is a step of the plan, made by hand"
    );
    let stored = TrainState::from_bytes(&states[3].to_bytes().unwrap()).unwrap();
    let (resumed, _) = train_with(&data, &plain, Some(stored), |_, _| ());
    assert!(resumed.unwrap().last == edited.last, "a resume knows of the edit");
    assert_eq!(edited.history.series("rate_factor").unwrap(), [1.0, 1.0, 0.5, 0.5, 0.5]);
}

#[test]
fn a_training_ends_after_the_epoch_asked_for_and_goes_on_bit_for_bit() {
    let data = planted();
    let plan = plan(ScorerKind::Tiny, 4);
    let (whole, _) = train(&data, &plan, None);
    let (ended, states) = train_with(&data, &plan, None, |_, control| control.set_stop_after(2));
    assert!(matches!(ended, Err(TrainError::Cancelled(_))));
    assert_eq!(states.last().unwrap().epoch, 2);
    let (resumed, _) = train(&data, &plan, states.into_iter().last());
    assert!(resumed.last == whole.last && resumed.history == whole.history);
}

#[test]
fn every_figure_of_a_training_is_in_its_history() {
    let data = planted();
    let (trained, _) = train(&data, &plan(ScorerKind::Tiny, 2), None);
    let wanted = [
        "loss.total",
        "loss.main",
        "loss.main.clarity",
        "loss.aux3",
        "loss.disagree",
        "loss.recon",
        "loss.consistency",
        "loss.ood",
        "loss.sensitivity",
        "loss.halt",
        "grad_norm",
        "grad_norm.clarity",
        "val.n.clarity",
        "val.mae.clarity",
        "val.rmse.clarity",
        "val.spearman.clarity",
        "head.log_var",
        "head.aux3",
        "head.disagree",
        "head.halt",
        "head.reconstruction",
        "learning_rate",
        "guard.clipped",
        "guard.skipped",
        "guard.log_var",
        "guard.capped",
    ];
    for name in wanted {
        let series = trained.history.series(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert!(series.len() == 2 && series.iter().all(|v| v.is_finite()), "{name}: {series:?}");
    }
    let of = |name: &str| trained.history.series(name).unwrap()[1];
    let mean =
        gapfield::core::dimension::Dimension::ALL.map(|d| of(&format!("grad_norm.{d}"))).iter().sum::<f64>()
            / 5.0;
    assert!((mean - of("grad_norm")).abs() < 1e-9);
    assert_eq!(of("val.n.clarity"), data.rows_of(Split::Validation).len() as f64);
}

#[test]
fn without_guardrails_the_last_weights_are_kept_however_bad() {
    let data = planted();
    let asked = PassConfig { guardrails: false, epochs: 4, ..PassConfig::default() };
    let plan =
        Plan { scorer: small(ScorerKind::Tiny), ..Plan::resolve(ScorerKind::Tiny, WIDTH, 0, &asked, false) };
    assert!(
        plan.learning_rate > 10.0 * Plan::resolve(ScorerKind::Hrm, WIDTH, 0, &asked, false).learning_rate
    );
    let (trained, _) = train(&data, &plan, None);
    assert_eq!(trained.epochs, 4, "nothing stops it early");
    for m in 0..5 {
        let (best, last) = (trained.best.model(m), trained.last.model(m));
        assert!(best.is_finite() && (best == last || !last.is_finite()), "model {m}");
    }
}

#[test]
fn a_turn_scores_the_same_after_reload_and_in_any_company() {
    let data = planted();
    let plan = plan(ScorerKind::Hrm, 2);
    let (trained, _) = train(&data, &plan, None);
    let before = score_all(&plan.scorer, &trained.best, &data);
    let reloaded: Vec<HostParams> = (0..5)
        .map(|d| {
            let bytes = checkpoint::to_bytes(&trained.best.model(d), &BTreeMap::new()).unwrap();
            checkpoint::from_bytes(&bytes, &plan.scorer).unwrap()
        })
        .collect();
    let weights = HostParams::stack(&reloaded).unwrap();
    assert_eq!(score_all(&plan.scorer, &weights, &data), before);
    let one = TrainData { x: data.x.select_rows(&[17]), y: data.y.select_rows(&[17]), ..data.clone() };
    assert_eq!(score_all(&plan.scorer, &weights, &one).row(0), before.row(17));
}

#[test]
fn a_pass_gives_the_scm_and_every_head_has_its_skill() {
    let data = planted();
    let plan = plan(ScorerKind::Tiny, 6);
    let (trained, _) = train(&data, &plan, None);
    let device = DeviceChoice::processor();
    let tokens = vec![100; data.turns()];
    let turns = Turns { x: &data.x, y: &data.y, tokens: &tokens };
    let mut partial = 0;
    let ctx = JobContext::detached();
    let pass = score_pass(&plan.scorer, &trained.best, turns, &device, "pass B", &ctx, &mut |_| partial += 1)
        .unwrap();
    assert_eq!((pass.scm.rows(), pass.scm.cols(), partial), (160, 12, 160_usize.div_ceil(CHUNK)));
    assert!(pass.scm.data().iter().all(|v| (0.0..=1.0).contains(v)));
    assert_eq!(pass.cube.attribute("score").unwrap(), score_all(&plan.scorer, &trained.best, &data));
    let gap = Matrix::from_fn(160, 5, |r, d| (pass.scm.get(r, d) - data.targets.get(r, d)).abs());
    let (second, ends) = second_phase(&plan.scorer, &trained.best, &data, &gap, &device, &ctx).unwrap();
    assert!(ends[1] < ends[0], "the second phase lowers its loss: {ends:?}");
    for (name, t) in &second.tensors {
        let taught = name.starts_with("disagree_head") || name.starts_with("agree_head");
        assert!(taught || *t == trained.best.tensors[name], "{name}");
    }
    // What is kept predicts the gaps of validation turns at least as well as what the second phase began with.
    let rows = data.rows_of(Split::Validation);
    let error = |weights: &HostParams| -> Vec<f32> {
        let pass = score_pass(&plan.scorer, weights, turns, &device, "pass B", &ctx, &mut |_| {}).unwrap();
        let said = pass.cube.attribute("disagree").unwrap();
        let off = |d: usize, r: &usize| (said.get(*r, d) - gap.get(*r, d)).powi(2);
        (0..5).map(|d| rows.iter().map(|r| off(d, r)).sum::<f32>()).collect()
    };
    let (before, after) = (error(&trained.best), error(&second));
    assert!(after.iter().sum::<f32>() < before.iter().sum::<f32>(), "{before:?} {after:?}");
    let evidence = Evidence {
        config: &plan.scorer,
        weights: &trained.best,
        cube: &pass.cube,
        x: &data.x,
        y: &data.y,
        targets: &data.targets,
        split: &data.split,
        conversations: &data.conversations,
        gap: Some(&gap),
        seed: 11,
    };
    let skills = skills(&evidence, &device);
    let heads: Vec<&str> = skills.keys().map(String::as_str).collect();
    let wanted = [
        "agree",
        "aux3",
        "consistency",
        "disagree",
        "halt",
        "log_var",
        "ood",
        "reconstruction",
        "score",
        "sensitivity",
    ];
    assert_eq!(heads, wanted);
    assert!(skills.values().all(|s| s.n > 0 && s.value.is_none_or(f64::is_finite)));
    assert!(skills["score"].value.unwrap() > 0.3, "{:?}", skills["score"]);
    let narrow = data.x.select_columns(&[0, 1]);
    let wrong = score_pass(
        &plan.scorer,
        &trained.best,
        Turns { x: &narrow, y: &narrow, tokens: &tokens },
        &device,
        "pass B",
        &ctx,
        &mut |_| (),
    );
    assert!(matches!(wrong, Err(PassError::Width { needed: 16, found: 2 })));
}

#[test]
fn gradients_agree_with_finite_differences() {
    let data = planted();
    for kind in [ScorerKind::Tiny, ScorerKind::Hrm] {
        let plan = Plan { dropout: 0.0, ..plan(kind, 1) };
        let device = DeviceChoice::processor();
        let burn = device.burn();
        let start = plan.scorer.specs().init(2, &data.names);
        // Terms whose targets do not depend on the weights, so that the difference quotient sees the same loss.
        let weights =
            LossWeights { disagree: 0.0, consistency: 0.0, halt: 0.0, ..LossWeights::first_phase() };
        let loss = LossConfig { weights, cap: None, recon_clamped: false };
        let rows = data.training_rows();
        let total = |weights: &HostParams| {
            let learner =
                Learner::new(plan.scorer.clone(), weights, None, AdamW::default(), device.backend, &burn);
            let batch = Batches::new(&data, &plan, &rows, 3, 1).next(Extra::default(), &burn).unwrap();
            learner.gradients(&batch.x, &batch.y, &batch.targets, &batch.how, &loss, &|_| true)
        };
        let (leaves, gradients, ..) = total(&start);
        for (name, tensor) in &leaves.tensors {
            let Some(gradient) = tensor.grad(&gradients) else { continue };
            let shape = &start.tensors[name].shape;
            let exact = gapfield::nn::params::from_device_layout(&floats(gradient), shape, 5);
            // The steepest entry: the others drown in the rounding of the difference.
            let at = (0..exact.len()).max_by(|a, b| exact[*a].abs().total_cmp(&exact[*b].abs())).unwrap();
            let eps = 5e-3;
            let moved = |by: f32| {
                let mut weights = start.clone();
                weights.tensors.get_mut(name).unwrap().data[at] += by;
                floats(total(&weights).2.total).into_iter().map(f64::from).sum::<f64>()
            };
            let quotient = (moved(eps) - moved(-eps)) / f64::from(2.0 * eps);
            let error = (quotient - f64::from(exact[at])).abs();
            assert!(
                error < 2e-3 + 0.03 * quotient.abs(),
                "{kind:?} {name}: {} against {quotient}",
                exact[at]
            );
        }
    }
}

#[test]
fn data_that_cannot_teach_is_refused_in_one_sentence() {
    let refuse = |change: &dyn Fn(&mut TrainData)| {
        let mut data = planted();
        change(&mut data);
        let text = data.check().unwrap_err().to_string();
        assert!(!text.contains('\n') && text.len() > 20, "{text}");
        text
    };
    let few = refuse(&|d| (20..160).for_each(|r| d.targets.set(r, 2, f32::NAN)));
    assert!(few.contains("clarity") && few.contains("at least 30"), "{few}");
    let none = refuse(&|d| d.targets = Matrix::filled(160, 5, f32::NAN));
    assert!(none.contains("no dimension has a judgement"), "{none}");
    let constant = refuse(&|d| (0..160).for_each(|r| d.targets.set(r, 4, 0.8)));
    assert!(constant.contains("coverage is 0.8"), "{constant}");
    assert!(refuse(&|d| d.y.set(3, 1, f32::NAN)).contains("response embedding of turn 4"));
    assert!(refuse(&|d| d.targets.set(3, 1, 70.0)).contains("outside 0 to 1"));
    assert!(
        refuse(&|d| d.split[0] = if d.split[1] == Split::Test { Split::Train } else { Split::Test })
            .contains("c00")
    );
    let wide = Plan { scorer: ScorerConfig::for_width(ScorerKind::Tiny, 32), ..plan(ScorerKind::Tiny, 1) };
    let device = DeviceChoice::processor();
    let setting = Setting { pass: "A", seed: 1, device: &device, resume: None, control: Control::default() };
    let refused = train_scorer(&planted(), &wide, setting, &JobContext::detached(), &mut |_, _| ());
    assert!(matches!(refused, Err(TrainError::State(_))));
}

#[test]
fn a_dimension_without_judgements_leaves_the_others_as_they_are() {
    let mut data = planted();
    (0..160).for_each(|r| data.targets.set(r, 3, f32::NAN));
    assert_eq!(data.unlabelled(), ["faithfulness"]);
    for kind in [ScorerKind::Tiny, ScorerKind::Hrm] {
        let plan = plan(kind, 2);
        let (trained, _) = train(&data, &plan, None);
        let (full, _) = train(&planted(), &plan, None);
        assert!(trained.last.is_finite());
        assert_eq!(trained.best.model(0), full.best.model(0));
    }
}

/// The planted problem with texts and measurements beside the goal; the judgements follow a bump of a measurement.
fn measured() -> TrainData {
    let data = planted();
    let plan = Plan::wide(ScorerKind::Tiny, 4);
    let measure = |r: usize, k: usize| ((r * (7 + 4 * k)) % 31) as f32 / 10.0;
    let x = Matrix::from_fn(160, plan.input(WIDTH), |r, c| match c {
        c if c < WIDTH => data.x.get(r, c),
        c if c < 3 * WIDTH => data.y.get((r + 40 * (c / WIDTH)) % 160, c % WIDTH),
        c => measure(r, c - 3 * WIDTH),
    });
    let targets = Matrix::from_fn(160, 5, |r, d| {
        let bump = (-(measure(r, d % 4) - 1.5).powi(2) * 2.0).exp();
        (0.8 * bump + 0.2 * data.targets.get(r, d)).clamp(0.0, 1.0)
    });
    TrainData { x, targets, ..data }
}

#[test]
fn a_wide_path_beats_ridge_stays_as_fitted_and_resumes_bit_for_bit() {
    let data = measured();
    let ridge = gapfield::train::baseline::baselines(&data).ridge_all;
    let test = data.rows_of(Split::Test);
    for kind in [ScorerKind::Tiny, ScorerKind::Hrm] {
        let wide = Plan::wide(kind, 4);
        let narrow = Plan { learning_rate: 1e-4, ..plan(kind, 3) };
        let plan = Plan { scorer: narrow.scorer.clone().with_wide(Some(wide)), ..narrow.clone() };
        let (trained, states) = train(&data, &plan, None);
        let (resumed, _) = train(&data, &plan, Some(states[0].clone()));
        assert!(resumed.last == trained.last && resumed.best == trained.best);
        for (name, tensor) in trained.last.tensors.iter().filter(|(n, _)| n.starts_with("wide.")) {
            assert!(*tensor == states[0].weights.tensors[name], "{name} is fitted once and stays");
        }
        let said = score_all(&plan.scorer, &trained.best, &data);
        for d in 0..5 {
            let column = |m: &Matrix| test.iter().map(|r| f64::from(m.get(*r, d))).collect::<Vec<f64>>();
            let rmse = |m: &Matrix| stats::rmse(&column(m), &column(&data.targets)).unwrap();
            assert!(rmse(&said) < 0.9 * rmse(&ridge), "{kind:?} {d}: {} and {}", rmse(&said), rmse(&ridge));
        }
        // Without a wide path whatever stands behind the goal is not read.
        let goal_only =
            TrainData { x: data.x.select_columns(&(0..WIDTH).collect::<Vec<_>>()), ..data.clone() };
        let (a, b) = (train(&data, &narrow, None).0, train(&goal_only, &narrow, None).0);
        assert!(a.last == b.last);
    }
}

#[test]
fn a_missing_judgement_teaches_nothing_and_a_cancelled_training_says_so() {
    let mut data = planted();
    (0..160).filter(|r| r % 3 == 0).for_each(|r| data.targets.set(r, 1, f32::NAN));
    let plan = plan(ScorerKind::Tiny, 2);
    let (trained, _) = train(&data, &plan, None);
    assert!(trained.last.is_finite());
    let (full, _) = train(&planted(), &plan, None);
    assert_eq!(trained.last.model(0), full.last.model(0), "other dimensions are untouched by the gap");
    assert_ne!(trained.last.model(1), full.last.model(1));
    let ctx = JobContext::detached();
    ctx.cancel_token().cancel();
    let device = DeviceChoice::processor();
    let setting = Setting { pass: "A", seed: 1, device: &device, resume: None, control: Control::default() };
    assert!(matches!(
        train_scorer(&data, &plan, setting, &ctx, &mut |_, _| ()),
        Err(TrainError::Cancelled(_))
    ));
}

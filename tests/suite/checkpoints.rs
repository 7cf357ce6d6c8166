//! Weights made elsewhere: files written by PyTorch give the numbers that PyTorch says they hold.

use gapfield::nn::checkpoint::{from_bytes, raw, to_bytes};
use gapfield::nn::foreign::{fit, fitted, read, scorer_of};
use gapfield::nn::scorer::ScorerConfig;
use gapfield::nn::tiny::TinyConfig;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/torch").join(name)).unwrap()
}

fn tiny() -> ScorerConfig {
    ScorerConfig::Tiny(TinyConfig { layers: 1, attention: true, ..TinyConfig::for_width(8) })
}

#[test]
fn a_state_dict_gives_the_numbers_torch_gave_it() {
    let params = read(&file("tiny.pt")).unwrap();
    assert_eq!(params, raw(&file("tiny.safetensors")).unwrap());
    assert_eq!(scorer_of(&params).unwrap(), tiny());
    let report = fit(&params, &tiny());
    assert!(report.fits() && report.unexpected.is_empty(), "{report:?}");
    let ours = to_bytes(&fitted(&params, &tiny()).unwrap(), &BTreeMap::new()).unwrap();
    assert_eq!(from_bytes(&ours, &tiny()).unwrap(), params, "written in our form it comes back bit for bit");
}

#[test]
fn half_precision_inside_a_training_script_s_dictionary_is_found() {
    let (half, full) = (read(&file("training.pt")).unwrap(), read(&file("tiny.pt")).unwrap());
    assert_eq!(half.tensors.len(), full.tensors.len());
    for (name, t) in &half.tensors {
        let exact = &full.tensors[name];
        assert_eq!(t.shape, exact.shape, "{name}");
        let worst = t.data.iter().zip(&exact.data).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-3, "{name}: {worst}");
    }
}

#[test]
fn views_of_one_storage_are_read_by_their_strides() {
    assert_eq!(read(&file("views.pt")).unwrap(), raw(&file("views.safetensors")).unwrap());
}

#[test]
fn a_cut_or_changed_file_is_an_error_and_never_a_panic() {
    let whole = file("tiny.pt");
    for n in (0..whole.len()).step_by(whole.len() / 97) {
        assert!(read(&whole[..n]).is_err(), "cut at {n}");
    }
    for at in (0..whole.len()).step_by(31) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        let _either_way = read(&bytes);
    }
}

fn gapfield(args: &[&str]) -> (bool, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_gapfield")).args(args).output().unwrap();
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    (out.status.success(), text(&out.stdout), text(&out.stderr))
}

#[test]
fn the_command_reports_converts_and_refuses_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/torch");
    let path = |name: &str| golden.join(name).to_string_lossy().into_owned();
    let (fine, out, _) = gapfield(&["checkpoint", "inspect", &path("tiny.pt")]);
    assert!(fine && out.contains("Tiny d8") && out.contains("it fits"), "{out}");
    let converted = folder.path().join("tiny.safetensors");
    let name = converted.to_string_lossy().into_owned();
    let (fine, _, error) = gapfield(&["checkpoint", "convert", &path("tiny.pt"), "--out", &name]);
    assert!(fine, "{error}");
    assert_eq!(raw(&std::fs::read(&converted).unwrap()).unwrap(), raw(&file("tiny.safetensors")).unwrap());
    let (fine, _, error) = gapfield(&["checkpoint", "inspect", &path("views.pt")]);
    assert!(!fine && error.contains("neither an HRM") && error.trim().lines().count() == 1, "{error}");
    let wide = folder.path().join("config.json");
    let shape =
        gapfield::nn::checkpoint::config_to_json(&ScorerConfig::Tiny(TinyConfig::for_width(16))).unwrap();
    std::fs::write(&wide, shape).unwrap();
    let config = wide.to_string_lossy().into_owned();
    let (fine, _, error) =
        gapfield(&["checkpoint", "convert", &path("tiny.pt"), "--out", &name, "--config", &config]);
    assert!(!fine && error.contains("made for another width"), "{error}");
}

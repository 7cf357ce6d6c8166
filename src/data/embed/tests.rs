use std::collections::HashMap;
use std::sync::LazyLock;

use super::*;
use crate::core::stats::spearman;

fn corpus() -> HashMap<String, serde_json::Value> {
    include_str!("../../../assets/corpus/turns.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|turn| (turn["turn_id"].as_str().unwrap().to_owned(), turn))
        .collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
}

/// One list of the reference pairs: our cosines, all-MiniLM-L6-v2's, and those of its packed form in numpy.
fn cosines(list: &str) -> [Vec<f64>; 3] {
    static VECTORS: LazyLock<HashMap<(String, String), Vec<f32>>> = LazyLock::new(|| {
        let turns = corpus();
        let mut places: Vec<(String, String)> = turns
            .keys()
            .flat_map(|id| ["goal_text", "response_text"].map(|field| (id.clone(), field.to_owned())))
            .collect();
        places.sort();
        let texts: Vec<&str> = places.iter().map(|(id, field)| turns[id][field].as_str().unwrap()).collect();
        let start = std::time::Instant::now();
        let found = StaticEmbedder::new().unwrap().embed(&texts).unwrap();
        println!("{:.0} corpus texts a second", texts.len() as f64 / start.elapsed().as_secs_f64());
        places.into_iter().enumerate().map(|(row, place)| (place, found.vectors.row(row).to_vec())).collect()
    });
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/golden/embedder/pairs.json")).unwrap();
    let pairs = golden[list].as_array().unwrap();
    assert_eq!(pairs.len(), 1000);
    let vector = |end: &serde_json::Value| {
        &VECTORS[&(end[0].as_str().unwrap().to_owned(), end[1].as_str().unwrap().to_owned())]
    };
    let column = |name: &str| pairs.iter().map(|p| p[name].as_f64().unwrap()).collect();
    let ours = pairs.iter().map(|p| cosine(vector(&p["a"]), vector(&p["b"]))).collect();
    [ours, column("cosine"), column("packed")]
}

/// The bar of the specification.
#[test]
fn cosines_of_corpus_texts_rank_pairs_as_minilm_does() {
    for list in ["anywhere", "within_conversation"] {
        let [ours, theirs, _] = cosines(list);
        let rho = spearman(&ours, &theirs).unwrap();
        println!("static against all-MiniLM-L6-v2, 1000 pairs, {list}: Spearman {rho:.3}");
        assert!(rho >= 0.75, "{list}: Spearman {rho:.3} is below 0.75");
    }
}

#[test]
fn cosines_agree_with_the_packed_model_in_numpy() {
    for list in ["anywhere", "within_conversation"] {
        let [ours, _, packed] = cosines(list);
        for (i, (a, b)) in ours.iter().zip(&packed).enumerate() {
            assert!((a - b).abs() < 1e-4, "{list}, pair {i}: {a:.6} instead of {b:.6}");
        }
    }
}

#[test]
fn kept_vectors_are_the_same_and_damage_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let texts = ["One text.", "", "Another.", "One text."];
    let fresh = StaticEmbedder::new().unwrap().embed(&texts).unwrap();
    let open = || Kept::new(StaticEmbedder::new().unwrap(), Some(folder.path()));
    for _ in 0..2 {
        assert_eq!(open().embed(&texts).unwrap(), fresh);
    }
    let below = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let files = || std::fs::read_dir(&below).unwrap().map(|e| e.unwrap().path()).collect::<Vec<_>>();
    assert_eq!(files().len(), 1, "the second time adds nothing");
    let mut bytes = std::fs::read(&files()[0]).unwrap();
    bytes[40] ^= 1; // a number of the first vector
    std::fs::write(&files()[0], bytes).unwrap();
    assert_eq!(open().embed(&texts).unwrap(), fresh);
    for i in 0..40 {
        open().embed(&[&format!("text {i}")]).unwrap();
    }
    assert!(files().len() < 40, "many files are put together");
    assert_eq!(open().embed(&texts).unwrap(), fresh);
    let nowhere = folder.path().join("file");
    std::fs::write(&nowhere, "").unwrap();
    assert_eq!(Kept::new(StaticEmbedder::new().unwrap(), Some(&nowhere)).embed(&texts).unwrap(), fresh);
}

#[test]
fn a_long_text_is_read_to_its_end() {
    let begin = "The garden needs water in the dry months. ".repeat(40);
    let texts = [begin.clone(), format!("{begin} Stock prices fell.{}", " Bonds rose.".repeat(200))];
    let out = StaticEmbedder::new().unwrap().embed(&[&texts[0], &texts[1]]).unwrap();
    assert!(out.tokens[0] > 254, "{}", out.tokens[0]);
    assert!(cosine(out.vectors.row(0), out.vectors.row(1)) < 0.9);
}

#[test]
fn every_row_has_length_one_and_a_text_without_tokens_is_zero_and_flagged() {
    let texts =
        ["A short question?", "", " \n\t", "\u{0}\u{200b}", "ß Ünïcödé 漢字 🎉", &"long ".repeat(5000)];
    let out = StaticEmbedder::new().unwrap().embed(&texts).unwrap();
    for (i, empty) in out.empty.iter().enumerate() {
        let norm = cosine(out.vectors.row(i), out.vectors.row(i)).sqrt();
        let expected = if *empty { 0.0 } else { 1.0 };
        assert!((norm - expected).abs() < 1e-6, "row {i} has length {norm}");
    }
    assert_eq!(out.empty, [false, true, true, true, false, false]);
    assert_eq!(out.tokens[..4], [4, 0, 0, 0]);
    assert_eq!(out.tokens[5], 5000);
}

#[test]
fn a_text_has_one_vector_whatever_its_batch_and_the_number_of_threads() {
    let embedder = StaticEmbedder::new().unwrap();
    let turns = corpus();
    let mut ids: Vec<&String> = turns.keys().collect();
    ids.sort();
    ids.truncate(40);
    let texts: Vec<&str> = ids.iter().map(|id| turns[*id]["response_text"].as_str().unwrap()).collect();
    let together = embedder.embed(&texts).unwrap();
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let alone = one_thread.install(|| embedder.embed(&texts).unwrap());
    assert_eq!(together, alone);
    for i in 4..9 {
        let single = embedder.embed(&texts[i..=i]).unwrap();
        assert_eq!(single.vectors.row(0), together.vectors.row(i), "text {i}");
    }
}

#[test]
fn texts_of_like_meaning_lie_closer_than_others() {
    let texts = [
        "How do I bake sourdough bread at home?",
        "A recipe for making your own loaf with a starter",
        "The stock market fell sharply after the central bank raised rates",
    ];
    let out = StaticEmbedder::new().unwrap().embed(&texts).unwrap().vectors;
    let near = cosine(out.row(0), out.row(1));
    let far = cosine(out.row(0), out.row(2));
    assert!(near > far + 0.1, "near {near:.3}, far {far:.3}");
}

#[test]
fn token_counts_agree_with_the_batch_and_case_does_not_matter() {
    let embedder = StaticEmbedder::new().unwrap();
    let out = embedder.embed(&["Ocean TIDES", "ocean tides"]).unwrap();
    assert_eq!(out.vectors.row(0), out.vectors.row(1));
    assert_eq!(embedder.token_count("Ocean TIDES").unwrap(), out.tokens[0]);
    assert_eq!((embedder.name(), embedder.width(), embedder.hash().len()), ("static", 256, 64));
}

use super::*;
use crate::run::tables;
use std::fs;

fn write(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    // A name that says nothing: formats are told from content.
    let path = dir.path().join("table.dat");
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

fn take(text: impl AsRef<[u8]>) -> Result<Imported, ImportError> {
    let (_dir, path) = write(text.as_ref());
    import(&path, &ImportOptions::default())
}

fn refused(text: impl AsRef<[u8]>) -> String {
    let error = take(text).unwrap_err().to_string();
    assert!(!error.contains('\n') && error.ends_with("table.dat"), "{error}");
    error
}

#[test]
fn a_csv_with_scores_becomes_turns_and_judgements() {
    let csv = "id,prompt,answer,clarity,coverage_score,colour\n1,why?,because,80,55.5,red\n2,how?,so,,0,\n";
    let got = take(csv).unwrap();
    assert_eq!(got.turns.len(), 2);
    assert_eq!(got.turns[0].turn_id, "1");
    assert_eq!(got.turns[0].meta.as_deref(), Some(r#"{"colour":"red"}"#));
    assert_eq!(got.report.ignored_columns["colour"], 1);
    assert_eq!(got.report.scale, Some(ScoreScale::Hundred));
    let scores: Vec<_> = got.judgements.iter().map(|j| (j.dimension.name(), j.score)).collect();
    assert_eq!(scores, [("clarity", 80.0), ("coverage", 55.5), ("coverage", 0.0)]);
}

#[test]
fn formats_give_the_same_turns() {
    let csv = take("goal,response,knowledge\nwhy?,\"be\ncause\",0.25\n").unwrap();
    let tsv = take("goal\tresponse\tknowledge\nwhy?\t\"be\ncause\"\t0.25\n").unwrap();
    let jsonl =
        take("{\"goal\":\"why?\",\"response\":\"be\\ncause\",\"scores\":{\"knowledge\":0.25}}").unwrap();
    let columns = vec![
        tables::columns::text("goal", &["why?"]),
        tables::columns::text("response", &["be\ncause"]),
        tables::columns::wide_numbers("knowledge", &[0.25]),
    ];
    let parquet = take(tables::parquet::to_bytes("p", columns).unwrap()).unwrap();
    for other in [&tsv, &jsonl, &parquet] {
        assert_eq!(other.turns, csv.turns);
        assert_eq!(other.judgements, csv.judgements);
    }
    assert_eq!(csv.judgements[0].score, 25.0);
    assert_eq!(parquet.report.format, Format::Parquet);
}

#[test]
fn several_judges_of_one_turn_are_kept_apart() {
    let rows = r#"{"id":"a","goal_text":"q","response_text":"r","judge":"x","scores":{"clarity":90,"coverage":null}}
{"id":"a","goal_text":"q","response_text":"r","judge":"y","scores":{"clarity":70}}
{"id":"b","goal_text":"q2","response_text":"r","judges":[{"judge":"x","scores":{"clarity":50}},{"judge":"z","scores":{"clarity":40}}]}"#;
    let got = take(rows).unwrap();
    assert_eq!(got.turns.len(), 2);
    let judged: Vec<_> =
        got.judgements.iter().map(|j| format!("{}{}{}", j.turn_id, j.judge, j.score)).collect();
    assert_eq!(judged, ["ax90", "ay70", "bx50", "bz40"]);
}

#[test]
fn duplicates_short_answers_and_gaps_are_counted_with_examples() {
    let long = "long enough ".repeat(6);
    let csv = format!("goal,response\nq,{long}\nq,{long}\nQ!,{long}\nq2,short\n,{long}\nq3,\n");
    let got = take(csv).unwrap();
    assert_eq!(got.turns.len(), 2);
    assert_eq!(got.report.near_duplicates, 1);
    let count = |reason: &str| got.report.skipped[reason].count;
    assert_eq!(count("exact duplicate") + count("no goal") + count("no answer"), 3);
    assert_eq!(got.report.skipped["answer shorter than 50 characters"].examples, ["row 5: short"]);
    assert!(got.report.summary().starts_with("6 rows read, 2 turns kept, 4 skipped ("));
    let (_dir, path) = write(format!("goal,response\nq,{long}\nq2,{long}\n").as_bytes());
    let options = ImportOptions { limit: 1, ..ImportOptions::default() };
    let limited = import(&path, &options).unwrap();
    assert_eq!((limited.turns.len(), limited.report.skipped["beyond the limit"].count), (1, 1));
}

#[test]
fn ids_are_stable_and_one_goal_is_one_conversation() {
    let csv = "question,answer,clarity\nq,r1,1\nq,r2,2\nother,r,3\n";
    let (a, b) = (take(csv).unwrap(), take(csv).unwrap());
    assert_eq!(a.turns, b.turns);
    assert_eq!(a.turns[0].conversation_id, a.turns[1].conversation_id);
    assert_ne!(a.turns[0].conversation_id, a.turns[2].conversation_id);
    assert_eq!((a.turns[0].turn_index, a.turns[1].turn_index), (1, 2));
    assert_ne!(a.turns[0].turn_id, a.turns[1].turn_id);
    assert_eq!(a.turns[0].turn_id.len(), 16);
}

#[test]
fn bad_tables_are_refused_in_one_sentence() {
    for (text, words) in [
        ("", "the table is empty"),
        ("goal,response\n", "the table is empty"),
        ("answer,clarity\nr,5\n", "no goal column (it has answer, clarity)"),
        ("goal,clarity\nr,5\n", "no answer column"),
        ("goal,response,clarity\nq,r,80\nq2,r,NaN\n", "row 3, column `clarity`: NaN is not a score"),
        ("goal,response,clarity\nq,r,high\n", "row 2, column `clarity`: `high` is not a score"),
        ("goal,response,clarity\nq,r,101\n", "101 is outside 0 to 100"),
        ("goal,response,clarity\nq,r,-3\n", "-3 is outside 0 to"),
        ("id,goal,response,clarity\n7,q,r,1\n7,q2,r,1\n", "rows 2 and 3 give the id `7` to different turns"),
        ("{\"goal\":\"q\",\"response\":\"r\"}\n{\"goal\":\n", "line 2 is not valid JSON"),
        ("{\"goal\":\"q\",\"response\":\"r\",\"clarity\":NaN}", "column `clarity`: NaN"),
        ("goal,response\nq,\n", "none of the 1 rows can be used (1 x no answer)"),
        ("[{\"goal\":\"q\"}]", "one JSON array"),
    ] {
        let error = refused(text);
        assert!(error.contains(words), "{text:?} gave {error:?}");
    }
    assert!(refused(b"goal,response\nq,r\xE9sum\xE9\n").contains("line 2 is not UTF-8"));
    assert!(refused(b"\x00\x01\x02\x03junk").contains("binary data"));
    let missing = import(Path::new("/nowhere/x.csv"), &ImportOptions::default()).unwrap_err().to_string();
    assert!(missing.contains("nothing at this path"), "{missing}");
}

#[test]
fn a_truncated_parquet_is_one_sentence_at_every_length() {
    let columns = vec![
        tables::columns::text("goal", &["a", "b"]),
        tables::columns::text("response", &["c", "d"]),
        tables::columns::wide_numbers("clarity", &[1.0, f64::NAN]),
    ];
    let whole = tables::parquet::to_bytes("p", columns).unwrap();
    assert_eq!(take(&whole).unwrap().judgements.len(), 1, "null is no judgement");
    for end in (4..whole.len()).step_by(7) {
        let error = refused(&whole[..end]);
        assert!(error.contains("Parquet") && error.contains("damaged"), "{error}");
    }
}

#[test]
fn a_preview_shows_the_guess() {
    let (_dir, path) = write(b"Prompt,Answer,Reasoning Score\nq,r,5\n");
    let look = preview(&path).unwrap();
    assert_eq!(look.columns, ["Prompt", "Answer", "Reasoning Score"]);
    assert_eq!(look.mapping.goal.as_deref(), Some("Prompt"));
    assert_eq!(look.mapping.scores[&Dimension::Reasoning], "Reasoning Score");
    assert_eq!(look.rows, [["q", "r", "5"]]);
    let swapped =
        ColumnMapping { goal: Some("Answer".into()), response: Some("Prompt".into()), ..look.mapping };
    let options =
        ImportOptions { mapping: Some(swapped), min_answer_chars: Some(0), ..ImportOptions::default() };
    assert_eq!(import(&path, &options).unwrap().turns[0].goal_text, "r");
}

//! What the test says, in words no stronger than its p-value.

use crate::core::bar::Bar;
use crate::run::contents::RunContents;
use crate::window::canvas::numbers;
use serde_json::Value;

/// One stored test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Test {
    /// Name of the null.
    pub null: String,
    /// Question it answers.
    pub question: String,
    /// Statistic in words.
    pub statistic: String,
    /// The sentence the analysis itself wrote.
    pub words: String,
    /// Observed statistic.
    pub observed: f64,
    /// p-value (Holm-corrected where that applies).
    pub p: f64,
    /// Whether `p` is corrected.
    pub holm: bool,
    /// How many null fields.
    pub n: usize,
    /// 95th percentile of the null.
    pub q95: f64,
    /// Distance from the null in its standard deviations.
    pub effect: Option<f64>,
    /// Value in the toolbar.
    pub short: String,
    /// Row of the menu.
    pub menu: String,
}

/// The test declared beforehand first, then the secondary ones.
pub fn tests(run: &RunContents) -> Vec<Test> {
    let Some(all) = run.metrics.get("significance") else { return Vec::new() };
    let primary = all.get("primary").and_then(|v| test(v, true));
    let secondary = all.get("secondary").and_then(Value::as_array).into_iter().flatten();
    primary.into_iter().chain(secondary.filter_map(|v| test(v, false))).collect()
}

fn test(v: &Value, primary: bool) -> Option<Test> {
    let number = |k: &str| v.get(k).and_then(Value::as_f64);
    let text = |k: &str| v.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
    let holm = number("p_holm");
    let p = holm.or_else(|| number("p")).filter(|p| p.is_finite())?;
    let (null, statistic) = (text("null"), text("statistic"));
    let short =
        if primary { "primary, declared beforehand".to_owned() } else { format!("secondary, {statistic}") };
    let menu = if primary {
        format!("{statistic}, {null} (declared beforehand)")
    } else {
        format!("{statistic}, {null}")
    };
    Some(Test {
        question: text("question"),
        words: text("words"),
        observed: number("observed").unwrap_or(f64::NAN),
        p,
        holm: holm.is_some(),
        n: v.get("n_nulls").and_then(Value::as_u64).unwrap_or(0) as usize,
        q95: number("q95").unwrap_or(f64::NAN),
        effect: number("effect"),
        null,
        statistic,
        short,
        menu,
    })
}

/// The sentence of the view with its numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claim {
    /// Whether chance is ruled out; `None` when nothing was tested.
    pub found: Option<bool>,
    /// The claim.
    pub sentence: String,
    /// "p = 0.005".
    pub p_words: String,
    /// Why, in one or two sentences.
    pub detail: String,
    /// The question behind it, for the tooltip.
    pub question: String,
    /// Value and name, shown at the right.
    pub facts: Vec<(String, String)>,
}

/// p-values up to here rule chance out.
const ALPHA: f64 = 0.05;

/// The claim of one test on these bars. `primary` tests speak of the longest loop.
pub fn claim(run: &RunContents, test: Option<&Test>, primary: bool) -> Claim {
    let loops = run.bars.iter().filter(|b| b.dim == 1).count();
    let longest = longest_loop(&run.bars);
    let facts = facts(run, loops, test);
    let Some(test) = test else {
        let (sentence, detail) = match longest {
            None => (
                "No loop opens in this field",
                "There is no H1 bar, so there is nothing to compare with chance".to_owned(),
            ),
            Some(longest) => (
                "Loops are measured, chance is not",
                format!(
                    "No null fields were drawn, so nothing is claimed. The longest H1 bar is {}; {} alone are not structure",
                    numbers::fixed(longest, 3),
                    numbers::counted(loops, "bar", "bars")
                ),
            ),
        };
        return Claim { found: None, sentence: sentence.to_owned(), detail, facts, ..Claim::default() };
    };
    let found = test.p <= ALPHA;
    let sentence = match (primary, found) {
        (true, true) => "One loop is longer than chance gives".to_owned(),
        (true, false) => "No loop is longer than chance gives".to_owned(),
        (false, true) => format!("Beyond chance by {}", test.statistic),
        (false, false) => format!("Within chance by {}", test.statistic),
    };
    let p = numbers::p_value(test.p);
    let mut p_words = if test.holm { format!("Holm-corrected {p}") } else { p };
    let exploratory = is_exploratory(run);
    if exploratory {
        p_words.push_str(", exploratory");
    }
    let reach = reaching(run, test);
    let mut detail = if primary { primary_detail(test, loops, found, reach) } else { test.words.clone() };
    if exploratory {
        detail = detail.replace(". The test was fixed beforehand", "");
        detail.push_str(". Chosen after looking, so it proves less than the declared test");
    }
    let question = format!(
        "{} {} of {} null fields reach the observed {}",
        test.question,
        numbers::count(reach),
        numbers::count(test.n),
        numbers::fixed(test.observed, 3)
    );
    Claim { found: Some(found), sentence, p_words, detail, question: question.trim_start().to_owned(), facts }
}

/// Whether the topology shown was chosen after looking.
fn is_exploratory(run: &RunContents) -> bool {
    run.metrics.get("topology").and_then(|t| t.get("exploratory")).and_then(Value::as_bool).unwrap_or(false)
}

/// What can be said while the null fields are drawn: how far it is, and nothing about the outcome.
pub fn growing(run: &RunContents, wanted: usize) -> Claim {
    let loops = run.bars.iter().filter(|b| b.dim == 1).count();
    let longest = longest_loop(&run.bars);
    let reach = longest.map_or(0, |l| run.nulls.iter().filter(|v| **v >= l).count());
    let so_far = numbers::count(run.nulls.len());
    let detail = match longest {
        Some(l) => format!(
            "{so_far} of {} null fields are drawn, {} reach the longest H1 bar, {}; the test speaks when all are there",
            numbers::count(wanted),
            if reach == 0 { "none".to_owned() } else { numbers::count(reach) },
            numbers::fixed(l, 3)
        ),
        None => format!(
            "{so_far} of {} null fields are drawn; no loop opens in this field",
            numbers::count(wanted)
        ),
    };
    let facts = facts(run, loops, None);
    Claim { sentence: "Chance is being measured".to_owned(), detail, facts, ..Claim::default() }
}

/// How many null fields reach the observed statistic.
fn reaching(run: &RunContents, test: &Test) -> usize {
    if run.nulls.len() == test.n && test.n > 0 && !test.holm {
        run.nulls.iter().filter(|v| **v >= test.observed).count()
    } else {
        ((test.p * (test.n + 1) as f64).round() as usize).saturating_sub(1)
    }
}

fn primary_detail(test: &Test, loops: usize, found: bool, reach: usize) -> String {
    let how_many = if reach == 0 { "None".to_owned() } else { numbers::count(reach) };
    let n = numbers::count(test.n);
    let longest = numbers::fixed(test.observed, 3);
    if found {
        format!(
            "{how_many} of {n} null fields reach the longest H1 bar, {longest}; 95 of 100 stay below {}. The test was fixed beforehand",
            numbers::fixed(test.q95, 3)
        )
    } else {
        format!(
            "Not distinguishable from chance under {}, n = {n}; the longest H1 bar is {longest}. {} alone are not structure",
            under(&test.null),
            numbers::counted(loops, "bar", "bars")
        )
    }
}

/// The null as it stands in a sentence.
fn under(null: &str) -> String {
    if null.is_empty() { "the null".to_owned() } else { format!("“{null}”") }
}

fn facts(run: &RunContents, loops: usize, test: Option<&Test>) -> Vec<(String, String)> {
    let count = |pointer: &str| run.number("topology", pointer).map(|v| numbers::count(v as usize));
    let mut facts = Vec::new();
    if let Some(n) = count("/n_points") {
        facts.push((n, "points".to_owned()));
    }
    if let Some(n) = count("/n_merged") {
        facts.push((n, "merged".to_owned()));
    }
    facts.push((numbers::count(loops), "H1 bars".to_owned()));
    let effect = test.and_then(|t| t.effect).or_else(|| test.and_then(|t| effect_of(&run.nulls, t.observed)));
    if let Some(effect) = effect {
        facts.push((format!("{} sd", numbers::signed(effect, 1)), "effect".to_owned()));
    }
    facts
}

/// Observed minus the mean of the nulls in their standard deviations.
fn effect_of(nulls: &[f64], observed: f64) -> Option<f64> {
    let (mean, sd) = (crate::core::stats::mean(nulls)?, crate::core::stats::std_dev(nulls)?);
    (sd > 0.0 && observed.is_finite()).then(|| (observed - mean) / sd)
}

/// Scale at which the longest finite H1 bar ends.
pub fn longest_loop_end(bars: &[Bar]) -> Option<f64> {
    let length = |b: &&Bar| b.length().unwrap_or(f64::NEG_INFINITY);
    bars.iter()
        .filter(|b| b.dim == 1 && b.death.is_some())
        .max_by(|a, b| length(a).total_cmp(&length(b)))?
        .death
}

/// Length of the longest finite H1 bar.
pub fn longest_loop(bars: &[Bar]) -> Option<f64> {
    bars.iter().filter(|b| b.dim == 1).filter_map(Bar::length).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(p: Option<f64>, loops: usize) -> RunContents {
        let bar = |i: usize| Bar {
            dim: 1,
            birth: 0.1,
            death: Some(0.2 + 0.01 * i as f64),
            birth_simplex: vec![],
            death_simplex: vec![],
        };
        let mut run = RunContents { bars: (0..loops).map(bar).collect(), ..RunContents::default() };
        if let Some(p) = p {
            let primary = json!({"null": "same margins and correlations", "statistic": "longest H1 bar",
                "observed": 0.376, "p": p, "n_nulls": 199, "q50": 0.19, "q95": 0.236});
            run.metrics.insert("significance".to_owned(), json!({"primary": primary, "secondary": []}));
        }
        run
    }

    fn claimed(run: &RunContents) -> Claim {
        claim(run, tests(run).first(), true)
    }

    #[test]
    fn a_small_p_claims_one_loop_and_no_more() {
        let c = claimed(&run(Some(0.005), 3));
        assert_eq!(
            (c.sentence.as_str(), c.p_words.as_str()),
            ("One loop is longer than chance gives", "p = 0.005")
        );
        assert!(c.detail.starts_with("None of 199 null fields reach"), "{}", c.detail);
        assert_eq!(c.found, Some(true));
    }

    #[test]
    fn a_large_p_says_not_distinguishable_from_chance() {
        let c = claimed(&run(Some(0.98), 227));
        assert_eq!(c.sentence, "No loop is longer than chance gives");
        assert!(
            c.detail.starts_with(
                "Not distinguishable from chance under “same margins and correlations”, n = 199"
            ),
            "{}",
            c.detail
        );
        assert!(c.detail.ends_with("227 bars alone are not structure"), "{}", c.detail);
    }

    #[test]
    fn nothing_is_claimed_while_null_fields_are_drawn() {
        let mut r = run(None, 3);
        r.nulls = vec![0.05, 0.5, 0.01];
        let c = growing(&r, 199);
        assert_eq!(c.found, None);
        assert!(c.detail.starts_with("3 of 199 null fields are drawn, 1 reach the longest"), "{}", c.detail);
    }

    #[test]
    fn what_was_chosen_after_looking_says_so() {
        let mut r = run(Some(0.01), 3);
        r.metrics.insert("topology".to_owned(), json!({"exploratory": true}));
        let c = claimed(&r);
        assert!(c.p_words.ends_with("exploratory") && !c.detail.contains("fixed beforehand"), "{c:?}");
        assert!(c.detail.contains("Chosen after looking"), "{}", c.detail);
    }

    #[test]
    fn without_nulls_nothing_is_claimed() {
        let c = claimed(&run(None, 2));
        assert_eq!(c.found, None);
        assert!(c.p_words.is_empty() && c.detail.contains("nothing is claimed"));
        assert_eq!(claimed(&run(None, 0)).sentence, "No loop opens in this field");
    }

    #[test]
    fn a_test_without_p_is_no_test() {
        let mut r = run(None, 1);
        r.metrics.insert("significance".to_owned(), json!({"primary": {"p": null, "observed": 0.2}}));
        assert!(tests(&r).is_empty());
        assert_eq!(claimed(&r).found, None);
    }
}

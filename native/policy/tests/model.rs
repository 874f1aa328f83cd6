//! The decision against a slow and obvious model: random patterns, random paths.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bulkhead_policy::{Op, Places, Policy, Principal};
use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_oneof, proptest};
use proptest::strategy::Just;
use proptest::test_runner::Config;

/// `*` is anything, decided by trying every length.
fn same(pattern: &str, name: &str) -> bool {
    match pattern.chars().next() {
        None => name.is_empty(),
        Some('*') => (0..=name.len()).any(|skip| same(&pattern[1..], &name[skip..])),
        Some(letter) => name.starts_with(letter) && same(&pattern[1..], &name[1..]),
    }
}

/// A name and all it may be a copy of; only the endings the generator makes.
fn spellings(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let mut all = vec![lower.clone()];
    let mut stem = lower.as_str();
    while let Some(shorter) = stem.strip_suffix('~').or_else(|| stem.strip_suffix(".bak")) {
        all.push(shorter.to_owned());
        stem = shorter;
    }
    all
}

/// Every run of names of the pattern's length is tried against every spelling.
fn model(deny: &str, except: &str, path: &[String]) -> bool {
    let wanted: Vec<String> = deny.split('/').map(str::to_lowercase).collect();
    (0..path.len()).any(|start| {
        let end = start + wanted.len();
        if end > path.len() {
            return false;
        }
        let fits = wanted
            .iter()
            .zip(&path[start..end])
            .all(|(part, name)| spellings(name).iter().any(|spelling| same(part, spelling)));
        fits && !same(&except.to_lowercase(), &path[end - 1].to_lowercase())
    })
}

fn name() -> impl Strategy<Value = String> {
    let ending = prop_oneof![Just(""), Just("~"), Just(".bak"), Just(".bak~")];
    ("[aAb]{1,3}", ending).prop_map(|(stem, ending)| stem + ending)
}

proptest! {
    #![proptest_config(Config { cases: 600, ..Config::default() })]

    #[test]
    fn agrees_with_the_model(
        deny in vec("[abA*]{0,2}[ab][ab*]{0,1}", 1..3),
        except in "[ab]{1,3}",
        path in vec(name(), 1..5),
    ) {
        let deny = deny.join("/").replace("**", "*");
        let text = serde_json::json!({"rules": [{"id": "a", "deny": [deny], "except": [except]}]});
        let policy = Policy::builtin(Places::default()).unwrap();
        let policy = policy.with_user(text.to_string().as_bytes(), "p").unwrap();
        let real = format!("/{}", path.join("/"));
        let is_denied = !policy.decide(Op::Read, real.as_bytes(), &Principal::Agent).is_allowed();
        assert_eq!(is_denied, model(&deny, &except, &path), "{deny} except {except} on {real}");
    }
}

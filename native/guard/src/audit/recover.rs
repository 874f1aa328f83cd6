//! What a killed guard has begun and not ended: each gets an outcome that says that it is not known.

use super::record::{Decision, What, read};
use super::segments::segments;
use std::collections::BTreeMap;
use std::path::Path;

/// Files looked through, from the last on. What was begun before them was closed by an earlier start.
const SEGMENTS_SEEN: usize = 2;
/// Most outcomes written at one start; a guard has four threads and so far fewer operations under way.
const UNFINISHED_MAX: usize = 1000;

/// Outcomes for all intents that have none. Commands are the runner's to close, which may live on.
pub(super) fn unfinished(folder: &Path) -> Vec<What> {
    let Ok(all) = segments(folder) else { return Vec::new() };
    let mut begun = BTreeMap::new();
    for segment in &all[all.len().saturating_sub(SEGMENTS_SEEN)..] {
        let Ok(bytes) = std::fs::read(&segment.path) else { continue };
        for line in bytes.split(|byte| *byte == b'\n') {
            match sketch(line) {
                Some(Sketch::Intent(number)) => drop(begun.insert(number, line.to_vec())),
                Some(Sketch::Outcome(of)) => drop(begun.remove(&of)),
                None => {}
            }
        }
    }
    begun.values().filter_map(|line| closing(line)).take(UNFINISHED_MAX).collect()
}

enum Sketch {
    Intent(u64),
    Outcome(u64),
}

/// The kind and number of a line without reading the rest: a start must not take long for a long log.
fn sketch(line: &[u8]) -> Option<Sketch> {
    let text = std::str::from_utf8(line.get(..line.len().min(120))?)
        .or_else(|error| std::str::from_utf8(&line[..error.valid_up_to()]))
        .ok()?;
    let number = |key: &str| {
        let rest = &text[text.find(key)? + key.len()..];
        rest[..rest.find(',')?].parse().ok()
    };
    if text.contains("\"kind\":\"intent\"") {
        return number("{\"n\":").map(Sketch::Intent);
    }
    text.contains("\"kind\":\"outcome\"").then(|| number("\"of\":").map(Sketch::Outcome))?
}

fn closing(line: &[u8]) -> Option<What> {
    let record = read(line)?;
    let What::Intent(act) = record.what else { return None };
    if act.op == super::ledger::COMMAND {
        return None;
    }
    let says = "the guard ended before it could say".to_owned();
    let (decision, rule) = (Decision::Unknown, String::new());
    Some(What::Outcome { of: record.n, act, decision, rule, says })
}

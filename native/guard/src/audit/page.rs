//! Reading the log for a person: pages, newest first.

use super::record::{Act, Decision, Head, Record, What, read};
use super::segments::segments;
use super::{Audit, from_std};
use serde::{Deserialize, Serialize};

/// Most entries of a page, and most files looked through for one.
const ENTRIES_MAX: usize = 500;
const SEGMENTS_PER_PAGE: usize = 4;

/// Which entries are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PageOptions {
    /// Only records with smaller numbers.
    pub before: Option<u64>,
    /// Most entries.
    pub limit: usize,
    /// A principal, or `mcp:` for all servers.
    pub principal: Option<String>,
    /// `allowed`, `denied`, `failed` or `unknown`.
    pub decision: Option<String>,
}

/// A page as the contract has it.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    entries: Vec<Entry>,
    next: Option<u64>,
    head: Told,
}

/// A head with the problem beside it.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    count: u64,
    hash: String,
    problem: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    number: u64,
    at_ms: u64,
    #[serde(flatten)]
    act: Act,
    decision: Decision,
    rule: String,
    says: String,
    hash: String,
}

impl Told {
    pub(crate) fn new((Head { count, hash }, problem): (Head, String)) -> Self {
        Self { count, hash, problem }
    }
}

impl Audit {
    /// One page. `next` is where the following one begins, `None` at the end of the log.
    pub(crate) fn page(&self, options: &PageOptions) -> Result<Page, String> {
        let head = Told::new(self.head());
        let mut page = Page { entries: Vec::new(), next: None, head };
        let Some(folder) = &self.folder else { return Ok(page) };
        let before = options.before.unwrap_or(u64::MAX);
        let limit = options.limit.clamp(1, ENTRIES_MAX);
        let all = segments(folder).map_err(|error| from_std(&error))?;
        let older = all.iter().rev().filter(|segment| segment.first < before);
        for (looked, segment) in older.enumerate() {
            if looked == SEGMENTS_PER_PAGE {
                return Ok(page);
            }
            let bytes = match std::fs::read(&segment.path) {
                // Rotation has just dropped it.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => break,
                result => result.map_err(|error| from_std(&error))?,
            };
            for record in bytes.split(|byte| *byte == b'\n').rev().filter_map(read) {
                if record.n >= before {
                    continue;
                }
                if page.entries.len() == limit {
                    return Ok(page);
                }
                page.next = Some(record.n);
                page.entries.extend(entry(record).filter(|entry| is_wanted(entry, options)));
            }
        }
        page.next = None;
        Ok(page)
    }
}

/// What a person sees: ends of operations, and starts of commands, which may run for long.
fn entry(Record { n: number, at: at_ms, what, hash, .. }: Record) -> Option<Entry> {
    match what {
        What::Outcome { act, decision, rule, says, .. } => {
            Some(Entry { number, at_ms, act, decision, rule, says, hash })
        }
        What::Intent(act) if act.op == super::ledger::COMMAND => {
            let (decision, rule, says) = (Decision::Allowed, String::new(), "started".to_owned());
            Some(Entry { number, at_ms, act, decision, rule, says, hash })
        }
        _ => None,
    }
}

fn is_wanted(entry: &Entry, options: &PageOptions) -> bool {
    let has_principal = options.principal.as_ref().is_none_or(|wanted| match wanted.as_str() {
        "mcp:" => entry.act.principal.starts_with("mcp:"),
        exact => entry.act.principal == exact,
    });
    let decision = match entry.decision {
        Decision::Allowed => "allowed",
        Decision::Denied => "denied",
        Decision::Failed => "failed",
        Decision::Unknown => "unknown",
    };
    has_principal && options.decision.as_ref().is_none_or(|wanted| wanted == decision)
}

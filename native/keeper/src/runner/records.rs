//! What the runner has recorded of foreign programs: each is told to the file guard before it is started, which writes
//! the audit log, and again when it has ended. What cannot be recorded is not started.

use bulkhead_wire::{Frame, Header, Kind, Refusal, RefusedOp, WireError, decode};
use serde::{Deserialize, Serialize};

use super::Runner;
use super::messages::Spawn;
use super::walls::Foreign;
use crate::log;
use crate::wait::Exit;

const SUBJECT: &str = "file-guard.audit-command";
/// How long the guard may take; a start waits for it.
const DEADLINE_MS: u32 = 10_000;
/// Longest text of how it ended, UTF-16 units; the contract refuses a longer one, and with it the outcome.
const SAYS_UNITS_MAX: usize = 400;
const CUT: &str = "...";

/// A call of ours that has no answer yet.
#[derive(Debug)]
pub(super) enum Recording {
    /// A start that waits to be recorded.
    Start(Box<Start>),
    /// The end of a program or what it was refused: whatever the answer, there is nothing to do.
    Told,
}

/// A start that waits.
#[derive(Debug)]
pub(super) struct Start {
    asked_by: Header,
    request: Spawn,
    foreign: Foreign,
}

/// The record of a running program.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    number: u64,
    foreign: Foreign,
}

#[derive(Serialize)]
struct Note<'a> {
    principal: &'a str,
    stage: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<u64>,
    command: &'a str,
    cwd: &'a str,
    says: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<RefusedOp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
}

#[derive(Deserialize)]
struct Noted {
    #[serde(deserialize_with = "bulkhead_wire::number::count")]
    number: u64,
}

impl Runner {
    /// Has a start recorded; it happens when the answer comes.
    pub(super) fn record_start(&mut self, asked_by: Header, request: Spawn, foreign: Foreign) {
        let note = note("intent", None, &foreign, "");
        let call = self.call_guard(&note);
        let start = Start { asked_by, request, foreign };
        self.recordings.insert(call, Recording::Start(Box::new(start)));
    }

    /// Has the end of a program recorded.
    pub(super) fn record_end(&mut self, recorded: &Recorded, says: &str) {
        let says = shortened(says);
        let call =
            self.call_guard(&note("outcome", Some(recorded.number), &recorded.foreign, &says));
        self.recordings.insert(call, Recording::Told);
    }

    /// Has a file recorded that a rule closed to a running program.
    pub(super) fn record_refusal(&mut self, recorded: &Recorded, refusal: &Refusal) {
        let told = Note {
            cwd: &refusal.path,
            op: Some(refusal.op),
            rule: Some(&refusal.rule),
            ..note("refused", None, &recorded.foreign, "")
        };
        let call = self.call_guard(&told);
        self.recordings.insert(call, Recording::Told);
    }

    /// Starts that wait.
    pub(super) fn waiting_starts(&self) -> usize {
        let all = self.recordings.values();
        all.filter(|recording| matches!(recording, Recording::Start(_))).count()
    }

    /// The guard has answered one of our calls.
    pub(super) fn take_answer(&mut self, frame: &Frame) {
        let Some(recording) = self.recordings.remove(&frame.header.correlation) else { return };
        let Recording::Start(start) = recording else { return };
        let Start { asked_by, request, foreign } = *start;
        let recorded = match frame.header.kind {
            Kind::Reply => decode::<Noted>(&frame.payload).map_err(|error| error.to_string()),
            _ => Err(decode::<WireError>(&frame.payload)
                .map_or_else(|error| error.to_string(), |error| error.message)),
        };
        let begun = recorded.map_err(not_recorded).and_then(|Noted { number }| {
            let recorded = Recorded { number, foreign };
            self.begin(asked_by, request, Some(recorded.clone())).inspect_err(|error| {
                self.record_end(&recorded, &format!("could not be started: {}", error.message));
            })
        });
        if let Err(error) = begun {
            let frame = Frame::new(Kind::Error).correlation(asked_by.correlation);
            self.send_value(frame.answering(&asked_by), &error);
        }
    }

    fn call_guard(&mut self, note: &Note<'_>) -> u32 {
        self.last_call = self.last_call.wrapping_add(1).max(1);
        let mut frame = Frame::new(Kind::Request).correlation(self.last_call).subject(SUBJECT);
        frame.header.deadline_ms = DEADLINE_MS;
        self.send_value(frame, note);
        self.last_call
    }
}

/// `exit code 0`, `signal 9`.
pub(super) fn end_words(exit: &Exit) -> String {
    match (exit.code, exit.signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, signal) => format!("signal {}", signal.unwrap_or_default()),
    }
}

/// At most SAYS_UNITS_MAX units; what was cut ends in dots.
fn shortened(says: &str) -> String {
    if says.encode_utf16().count() <= SAYS_UNITS_MAX {
        return says.to_owned();
    }
    let mut units = CUT.len();
    let fits = |sign: &char| {
        units += sign.len_utf16();
        units <= SAYS_UNITS_MAX
    };
    says.chars().take_while(fits).chain(CUT.chars()).collect()
}

fn note<'a>(
    stage: &'static str,
    of: Option<u64>,
    Foreign { principal, command, cwd }: &'a Foreign,
    says: &'a str,
) -> Note<'a> {
    Note { principal, stage, of, command, cwd, says, op: None, rule: None }
}

fn not_recorded(why: String) -> WireError {
    log::warn(format_args!("a program was not started, since it cannot be recorded: {why}"));
    WireError::new("runner/not-audited", format!("it cannot be recorded: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_end_is_cut_and_not_lost() {
        assert_eq!(shortened("exit code 0"), "exit code 0");
        let fitting = "x".repeat(SAYS_UNITS_MAX);
        assert_eq!(shortened(&fitting), fitting);
        for sign in ["x", "\u{1f600}"] {
            let cut = shortened(&sign.repeat(SAYS_UNITS_MAX + 1));
            assert!(cut.ends_with(CUT), "{cut}");
            let units = cut.encode_utf16().count();
            assert!((SAYS_UNITS_MAX - 1..=SAYS_UNITS_MAX).contains(&units), "{units}");
        }
    }
}

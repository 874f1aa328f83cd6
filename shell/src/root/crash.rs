//! Crash reports of the hub and the windows, in the form of the hub's own (`CrashReport` in bus/contracts/hub.ts).
use std::path::Path;

use serde_json::json;

use crate::{clock, secret};

/// An end that is worth a report.
#[derive(Debug)]
pub(crate) struct Crash<'a> {
    /// `hub`, `window/1`.
    pub(crate) process: &'a str,
    /// Which incarnation, from 1.
    pub(crate) epoch: u32,
    /// As in the hub's `EndClass`: `crash`, `signal`, `asked`, `start-timeout`.
    pub(crate) class: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) stderr: Vec<String>,
    pub(crate) uptime_ms: u64,
}

/// Writes the report to `S/crashes`.
///
/// # Errors
/// The disk refuses it.
pub(crate) fn write(state_dir: &Path, crash: &Crash<'_>) -> std::io::Result<()> {
    let at_ms = clock::now_ms();
    let id = id_of(at_ms, crash);
    let path = state_dir.join("crashes").join(format!("{id}.json"));
    let stack = match crash.process {
        "hub" => "no stack: the process is gone, and its recorder with it",
        _ => "no stack: the process is gone",
    };
    let report = json!({
        "head": {
            "id": id, "process": crash.process, "epoch": crash.epoch, "atMs": at_ms,
            "class": crash.class, "reason": crash.reason, "saved": true, "saveError": "",
        },
        "stack": stack,
        "stderr": crash.stderr,
        "uptimeMs": crash.uptime_ms,
        "mailbox": [], "callsInFlight": [], "frames": [], "memory": [],
        "path": path,
    });
    secret::replace(&path, format!("{report:#}\n").as_bytes())
}

/// Sorts by time as the hub's ids do; `[a-z0-9_-]` only.
fn id_of(at_ms: u64, crash: &Crash<'_>) -> String {
    let stamp: String =
        clock::iso(at_ms).chars().filter(char::is_ascii_alphanumeric).take(18).collect();
    let process = crash.process.replace('/', "_");
    format!("{stamp}-{process}-root{}", crash.epoch).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{Crash, id_of, write};

    #[test]
    fn a_report_has_the_form_the_hub_reads() {
        let folder = std::env::temp_dir().join(format!("bh-crash-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("crashes")).unwrap();
        let crash = Crash {
            process: "window/1",
            epoch: 2,
            class: "signal",
            reason: "signal SIGSEGV",
            stderr: vec!["last words".into()],
            uptime_ms: 5,
        };
        assert_eq!(id_of(951_782_400_000, &crash), "20000229t000000000-window_1-root2");
        write(&folder, &crash).unwrap();
        let file = std::fs::read_dir(folder.join("crashes")).unwrap().next().unwrap().unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(report["head"]["reason"], "signal SIGSEGV");
        assert_eq!(report["stderr"][0], "last words");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

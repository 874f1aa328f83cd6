//! What `/proc` says of processes.

use std::collections::BTreeSet;
use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// One process, as of a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    pub(crate) group: i32,
    pub(crate) session: i32,
    pub(crate) is_zombie: bool,
}

/// All processes that could be read.
pub(crate) fn processes() -> Vec<Process> {
    let Ok(folder) = fs::read_dir("/proc") else { return Vec::new() };
    let names = folder.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    names.filter_map(process).collect()
}

/// Sends `signal` to every process of `session`; the number of those it reached.
pub(crate) fn signal_session(session: i32, signal: Signal) -> usize {
    let members = processes().into_iter().filter(|row| row.session == session && !row.is_zombie);
    members.filter(|row| send(row.pid, signal)).count()
}

/// Everything below `ancestor`, zombies left out. With a subreaper as ancestor nothing escapes by forking twice.
pub(crate) fn descendants(ancestor: i32) -> Vec<Process> {
    let all = processes();
    let mut family = BTreeSet::from([ancestor]);
    // Numbers wrap, so a child may stand before its parent: repeat until nothing is added.
    loop {
        let before = family.len();
        family.extend(
            all.iter()
                .filter(|row| family.contains(&row.parent))
                .map(|row| row.pid)
                .collect::<Vec<_>>(),
        );
        if family.len() == before {
            break;
        }
    }
    let below = |row: &Process| row.pid != ancestor && family.contains(&row.pid);
    all.into_iter().filter(|row| below(row) && !row.is_zombie).collect()
}

/// The folder of a process; empty if it cannot be told.
pub(crate) fn folder(pid: i32) -> String {
    let link = fs::read_link(format!("/proc/{pid}/cwd"));
    link.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The kernel's name of a process, at most 15 bytes; empty if it cannot be told.
pub(crate) fn name(pid: i32) -> String {
    let text = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    text.trim_end().to_owned()
}

/// Sends `signal`; false when the process is gone.
pub(crate) fn send(pid: i32, signal: Signal) -> bool {
    Pid::from_raw(pid).is_some_and(|pid| kill_process(pid, signal).is_ok())
}

fn process(pid: i32) -> Option<Process> {
    parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// `pid (name) state ppid pgrp session ...`; the name may hold spaces and parentheses.
fn parse(pid: i32, line: &str) -> Option<Process> {
    let (_, after) = line.rsplit_once(") ")?;
    let mut words = after.split(' ');
    let is_zombie = matches!(words.next()?, "Z" | "X");
    let parent = words.next()?.parse().ok()?;
    let group = words.next()?.parse().ok()?;
    let session = words.next()?.parse().ok()?;
    Some(Process { pid, parent, group, session, is_zombie })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let row = parse(7, "7 (a) b) S 3 7 5 0 -1 4194560").unwrap();
        assert_eq!(row, Process { pid: 7, parent: 3, group: 7, session: 5, is_zombie: false });
        assert!(parse(7, "7 (a) Z 3 7 5 0").unwrap().is_zombie);
        assert_eq!(parse(7, "nothing"), None);
    }
}

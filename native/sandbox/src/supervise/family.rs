//! All that descends from this process, which is their subreaper.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process};

/// Killing gives up on processes that the kernel does not let go.
const KILL_LIMIT: Duration = Duration::from_secs(5);
const KILL_AGAIN_AFTER: Duration = Duration::from_millis(2);

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Exited(i32),
    Killed(i32),
}

/// Reaps what has ended; says how `program` did when it is among them.
pub(super) fn reap(program: Pid) -> Option<End> {
    let mut end = None;
    while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
        if pid == program {
            end = Some(match status.terminating_signal() {
                Some(signal) => End::Killed(signal),
                None => End::Exited(status.exit_status().unwrap_or(1)),
            });
        }
    }
    end
}

/// Kills everything below this process and reaps it. What forks meanwhile is found by the next look.
pub(super) fn kill_all() {
    let until = Instant::now() + KILL_LIMIT;
    loop {
        while let Ok(Some(_)) = rustix::process::wait(WaitOptions::NOHANG) {}
        let left = below(rustix::process::getpid());
        if left.is_empty() || Instant::now() >= until {
            return;
        }
        for pid in left {
            // It may have ended meanwhile; its number is ours to reap, so nobody else has it.
            let _gone = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(KILL_AGAIN_AFTER);
    }
}

fn below(me: Pid) -> Vec<Pid> {
    let parents: HashMap<i32, i32> = processes().collect();
    let me = me.as_raw_nonzero().get();
    let descends = |pid: i32| {
        let mut at = pid;
        // A chain longer than there are processes would be a circle, seen while it changed.
        for _ in 0..parents.len() {
            match parents.get(&at) {
                Some(parent) if *parent == me => return true,
                Some(parent) => at = *parent,
                None => return false,
            }
        }
        false
    };
    parents.keys().copied().filter(|pid| descends(*pid)).filter_map(Pid::from_raw).collect()
}

/// Every process with its parent.
fn processes() -> impl Iterator<Item = (i32, i32)> {
    let folders = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    folders.filter_map(|folder| {
        let pid = folder.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(folder.path().join("stat")).ok()?;
        // The name may hold spaces and brackets; state and parent follow its last bracket.
        let (_, rest) = stat.rsplit_once(") ")?;
        Some((pid, rest.split(' ').nth(1)?.parse().ok()?))
    })
}

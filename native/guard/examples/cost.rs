//! Prints what the guard's decision costs beside a bare open: `cargo run --release --example cost`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, run by hand")]

use bulkhead_guard::{Asker, Cancel, Clock, Guard, Payload, Request, Task};
use bulkhead_policy::{Op, Places, Policy, Principal};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::time::Instant;

const TURNS: u32 = 20_000;

fn main() {
    let folder = std::env::temp_dir().join(format!("bulkhead-cost-{}", std::process::id()));
    let deep = folder.join("packages/app/src");
    fs::create_dir_all(&deep).unwrap();
    let folder = fs::canonicalize(&folder).unwrap();
    let file = folder.join("packages/app/src/main.ts");
    fs::write(&file, "text").unwrap();
    let home = b"/home/someone".to_vec();
    let places = Places { homes: vec![home], ..Places::default() };
    let policy = Policy::builtin(places).unwrap();
    let guard =
        Guard::new(policy.clone(), &[folder.as_os_str().as_bytes().to_vec()], Clock::System)
            .unwrap();
    let asker = Asker { principal: Principal::Agent, actor: "cost".into() };
    let task = Task::new(Cancel::default(), |_| ());
    let path = file.as_os_str().as_bytes().to_vec();
    let payload = Payload { path: path.clone(), ..Payload::default() };
    let bare = measure("bare open, fstat, close", || drop(File::open(&file).unwrap().metadata()));
    measure("decide alone", || {
        assert!(policy.decide(Op::Read, &path, &asker.principal).is_allowed());
    });
    let stat = measure("decide, look, ask the kernel, judge (stat)", || {
        guard.serve(&Request::Stat {}, &payload, &asker, &task).unwrap();
    });
    let open = measure("the same, reopened for reading, and closed", || {
        guard.serve(&Request::Open {}, &payload, &asker, &task).unwrap();
        guard.serve(&Request::CloseAll {}, &payload, &asker, &task).unwrap();
    });
    println!("over a bare open: stat {:.1} us, open {:.1} us", stat - bare, open - bare);
    fs::remove_dir_all(folder).unwrap();
}

/// Microseconds per turn, the best of five rounds: other work on the machine only ever adds.
fn measure(what: &str, work: impl Fn()) -> f64 {
    let round = || {
        let begun = Instant::now();
        for _ in 0..TURNS {
            work();
        }
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(TURNS)
    };
    let best = (0..5).map(|_| round()).fold(f64::INFINITY, f64::min);
    println!("{what}: {best:.2} us");
    best
}

//! The root of Bulkhead: instance lock, hub, windows, keeper. It starts what is missing, restarts what dies, and hands
//! every other command to the command line program.
mod about;
mod alarm;
mod asker;
mod begin;
mod child;
mod clock;
mod crash;
mod failure;
mod folder;
mod front;
mod handover;
mod hub;
mod installed;
mod instance;
mod journal;
mod keeper;
mod layout;
mod lock;
mod node;
mod output;
mod pages;
mod process;
mod report;
mod restart;
mod root;
mod secret;
mod service;
mod setup;
mod signals;
mod spawn;
mod target;
mod turn;
mod watchdog;
mod window;
mod words;

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use crate::failure::Failure;
use crate::instance::{Instance, Surroundings};
use crate::layout::Layout;
use crate::report::Reporter;
use crate::words::{Mode, Start, Wish};

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let [flag, text] = words.as_slice()
        && flag == alarm::SAY
    {
        alarm::show_anywhere(&text.to_string_lossy());
        return ExitCode::SUCCESS;
    }
    let outcome = match words::read(&words) {
        Wish::Start(start) => open(&start, &words).inspect_err(|failure| show(&start, failure)),
        Wish::Pass { runtime_dir } => Err(pass(runtime_dir.as_deref(), &words)),
    };
    outcome.unwrap_or_else(|failure| {
        drop(writeln!(std::io::stderr(), "bulkhead: {failure}"));
        ExitCode::from(failure.exit)
    })
}

/// Started from the desktop nobody reads stderr. The process in front shows what the root behind it told.
fn show(start: &Start, failure: &Failure) {
    let behind = std::env::var_os(report::VARIABLE).is_some();
    if start.mode == Mode::Window && !behind && !std::io::stderr().is_terminal() {
        alarm::say(&failure.message);
    }
}

fn pass(runtime_dir: Option<&Path>, words: &[OsString]) -> Failure {
    let instance = Instance::of(Path::new("."), runtime_dir, &Surroundings::of_process());
    let found = instance.and_then(|instance| {
        let layout = Layout::find()?;
        let node = begin::find_node(&layout, &instance)?;
        Ok((instance, layout, node))
    });
    match found {
        Ok((instance, layout, node)) => {
            handover::exec(&layout, &node, &instance.runtime_dir, words)
        }
        Err(failure) => failure,
    }
}

fn open(start: &Start, words: &[OsString]) -> Result<ExitCode, Failure> {
    let mut reporter = Reporter::find(start.json);
    let outcome = open_reporting(start, words, &mut reporter);
    if let (Err(failure), Reporter::Front(_)) = (&outcome, &reporter) {
        reporter.failed(&failure.message);
    }
    outcome
}

fn open_reporting(
    start: &Start,
    words: &[OsString],
    reporter: &mut Reporter,
) -> Result<ExitCode, Failure> {
    let around = Surroundings::of_process();
    target::enter_folder()?;
    let wanted = target::find(start, &around)?;
    let instance = Instance::of(&wanted.workspace, wanted.runtime_dir.as_deref(), &around)?;
    if lock::is_held(&instance.runtime_dir) {
        return leave_to_holder(&instance, words, reporter);
    }
    if start.mode == Mode::Window && !target::has_display() {
        return Err(Failure::new(
            "there is no display here (DISPLAY and WAYLAND_DISPLAY are not set). In a browser: bulkhead serve",
        ));
    }
    instance.make_folders(around.uid)?;
    let behind = matches!(reporter, Reporter::Front(_));
    let foreground = std::env::var_os("BULKHEAD_FOREGROUND").is_some_and(|value| value == "1");
    if start.mode == Mode::Window && !foreground && !behind {
        let code = front::start_behind(start.json)?.filter(|_| !wanted.file);
        return code.ok_or_else(|| hand_over(&instance, words));
    }
    let Some(hold) = begin::hold(&instance)? else {
        return leave_to_holder(&instance, words, reporter);
    };
    begin::become_root(start, instance, hold, reporter)
}

/// The process in front hands over itself: nobody hears what this one behind it would say.
fn leave_to_holder(
    instance: &Instance,
    words: &[OsString],
    reporter: &mut Reporter,
) -> Result<ExitCode, Failure> {
    if reporter.taken() { Ok(ExitCode::SUCCESS) } else { Err(hand_over(instance, words)) }
}

fn hand_over(instance: &Instance, words: &[OsString]) -> Failure {
    let layout = match Layout::find() {
        Ok(layout) => layout,
        Err(failure) => return failure,
    };
    match begin::find_node(&layout, instance) {
        Ok(node) => {
            lock::wake(&instance.runtime_dir);
            let words = target::with_command(words);
            handover::exec_start(&layout, &node, &instance.runtime_dir, &words)
        }
        Err(failure) => failure,
    }
}

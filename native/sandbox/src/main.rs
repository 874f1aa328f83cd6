//! Starts an actor so that it cannot outlive its parent.
//!
//! `bulkhead-launch --parent PID|caller [--keeper R] [--profile NAME] -- CMD ARGS...` binds the process to its parent, gives it a group of its
//! own, closes what was not passed, connects the keepers as descriptors from 4 on where asked, and becomes CMD. With
//! `--profile NAME` it first takes from itself all that the profile does not give, or does not start.
//! `bulkhead-launch --probe` prints what this kernel offers, as one line of JSON.

mod arguments;
mod capabilities;
mod confine;
mod descriptors;
mod environment;
mod filter;
mod foreign;
mod keeper_link;
mod kernel;
mod landlock_wall;
mod limits;
mod parent;
mod places;
mod profile;
mod program;
mod repository;
mod supervise;
mod tools;

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use arguments::{Launch, Wanted};
use places::Surroundings;
use profile::Profile;
use supervise::Teller;

/// The command line was wrong.
const EXIT_USAGE: u8 = 2;
/// The keeper did not answer in time.
const EXIT_KEEPER: u8 = 75;
/// The parent was gone before we were bound to it.
const EXIT_ORPHAN: u8 = 76;
/// The profile cannot be kept here, so nothing was started.
const EXIT_NOT_CONFINED: u8 = 125;
/// The command exists and cannot be run.
const EXIT_NOT_RUNNABLE: u8 = 126;
/// There is no such command.
const EXIT_NOT_FOUND: u8 = 127;

fn main() -> ExitCode {
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Wanted::Probe) => {
            println!("{}", kernel::probe_line());
            ExitCode::SUCCESS
        }
        Ok(Wanted::Launch(launch)) => launch_program(&launch),
        Err(text) => fail(EXIT_USAGE, &text),
    }
}

/// Returns only when the program did not start.
fn launch_program(launch: &Launch) -> ExitCode {
    if let Some(profile) = launch.profile.filter(|profile| profile.is_supervised) {
        return launch_foreign(launch, profile);
    }
    match parent::bind_to(launch.parent) {
        Ok(true) => {}
        Ok(false) => {
            return fail(EXIT_ORPHAN, &format!("parent {} is gone", launch.parent));
        }
        Err(error) => return fail(EXIT_NOT_RUNNABLE, &format!("cannot bind to parent: {error}")),
    }
    let mut keepers = None;
    let mut first_not_passed = descriptors::FIRST_NOT_PASSED;
    if let Some(runtime_dir) = &launch.keeper {
        let linked = keeper_link::connect(runtime_dir).and_then(|links| {
            keepers = Some(links.words());
            descriptors::leave_as_keeper_links(links.sockets)
        });
        match linked {
            Ok(first) => first_not_passed = first,
            Err(text) => {
                let text = format!("keeper in {}: {text}", runtime_dir.display());
                return fail(EXIT_KEEPER, &text);
            }
        }
    }
    if let Err(error) = descriptors::close_from(first_not_passed) {
        return fail(EXIT_NOT_RUNNABLE, &format!("cannot close inherited descriptors: {error}"));
    }
    let mut command = Command::new(&launch.program);
    command.args(&launch.arguments);
    if let Some(profile) = launch.profile {
        let Some(program) = program::find(&launch.program) else {
            return fail(EXIT_NOT_FOUND, &format!("there is no {}", launch.program.display()));
        };
        let (asked, opened) = (launch.reads.clone(), launch.writes.clone());
        let around = Surroundings { program, asked, opened, temporary: None };
        if let Err(text) = confine::confine(profile, &around, launch.strictness) {
            return fail(EXIT_NOT_CONFINED, &format!("profile {}: {text}", profile.name));
        }
        command = Command::new(&around.program);
        command.args(&launch.arguments).env_clear();
        command.envs(environment::pass(profile.environment, &[], std::env::vars_os()));
    }
    if let Some(majors) = keepers {
        command.env(keeper_link::VARIABLE, majors);
    }
    let error = command.exec();
    let code = match error.kind() {
        std::io::ErrorKind::NotFound => EXIT_NOT_FOUND,
        _ => EXIT_NOT_RUNNABLE,
    };
    fail(code, &format!("cannot run {}: {error}", launch.program.display()))
}

/// Stays until the program has ended.
fn launch_foreign(launch: &Launch, profile: &Profile) -> ExitCode {
    if !parent::is(launch.parent) {
        return fail(EXIT_ORPHAN, &format!("parent {} is gone", launch.parent));
    }
    let teller = launch.tells_refusals.then(descriptors::take_refusals_pipe).transpose();
    let teller = match teller {
        Ok(pipe) => pipe.map(Teller::new),
        Err(text) => return fail(EXIT_USAGE, &text),
    };
    let first = descriptors::FIRST_NOT_STANDARD + u32::from(launch.tells_refusals);
    if let Err(error) = descriptors::close_from(first) {
        return fail(EXIT_NOT_RUNNABLE, &format!("cannot close inherited descriptors: {error}"));
    }
    let Some(program) = program::find(&launch.program) else {
        return fail(EXIT_NOT_FOUND, &format!("there is no {}", launch.program.display()));
    };
    match foreign::run(launch, profile, (program, teller)) {
        Ok(code) => code,
        Err(text) => fail(EXIT_NOT_CONFINED, &format!("profile {}: {text}", profile.name)),
    }
}

fn fail(code: u8, text: &str) -> ExitCode {
    eprintln!("bulkhead-launch: {text}");
    ExitCode::from(code)
}

//! Forks shells and programs and holds their terminals and pipes.
//!
//! `bulkhead-keeper --runtime-dir R` is the keeper: terminals, outlives everything else of Bulkhead.
//! `bulkhead-keeper --runner` is the runner: programs with pipes, an actor on descriptor 3, all dead when that closes.
//! It starts them through the launcher beside it, or the one of `--launcher`.

mod clock;
mod keeper;
mod log;
mod poller;
mod process_table;
mod program;
mod runner;
mod signals;
mod spawn;
mod wait;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// Version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

const USAGE: &str = "usage: bulkhead-keeper --runtime-dir DIR | --runner [--launcher PATH]";
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<Option<&str>> = words.iter().map(|word| word.to_str()).collect();
    match words.as_slice() {
        [Some("--runtime-dir"), Some(folder)] => keeper::run(&PathBuf::from(folder)),
        [Some("--runner")] => runner::run(None),
        [Some("--runner"), Some("--launcher"), Some(path)] => {
            runner::run(Some(PathBuf::from(path)))
        }
        [Some("--guard")] => runner::guard(),
        _ => {
            eprintln!("bulkhead-keeper: {USAGE}");
            ExitCode::from(EXIT_USAGE)
        }
    }
}

//! `open` returns to the shell: the root is started beside, and this process waits for its first news.
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use serde::Deserialize;

use crate::failure::Failure;
use crate::report;
use crate::spawn::{self, Bond, Plan};

/// Longest wait for the instance to be ready.
const READY_MAX: Duration = Duration::from_secs(45);
/// Longest news.
const NEWS_BYTES_MAX: u64 = 64 * 1024;
/// Descriptor of the pipe in the root.
const REPORT_FD: i32 = 3;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum News {
    Ready(serde_json::Value),
    Failed(String),
    Taken,
}

/// Starts this program again as the root, in a session of its own, and waits until it is ready or says why not. `None`
/// when another root was quicker.
///
/// # Errors
/// What the root said, or that it said nothing.
pub(crate) fn start_behind(json: bool) -> Result<Option<ExitCode>, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(format!("this program cannot find itself: {error}")))?;
    let (ours, theirs) = UnixStream::pair().map_err(|error| Failure::new(error.to_string()))?;
    let folder = std::env::current_dir().map_err(|error| Failure::new(error.to_string()))?;
    let child = spawn::start(Plan {
        program,
        args: std::env::args_os().skip(1).collect(),
        base: None,
        env: vec![(report::VARIABLE, "3".into()), ("BULKHEAD_FROM", folder.into())],
        fds: vec![(OwnedFd::from(theirs), REPORT_FD)],
        stdout: Stdio::null(),
        stderr: Stdio::null(),
        bond: Bond::Free,
    })
    .map_err(|error| Failure::new(format!("the root cannot be started: {error}")))?;
    let silent = |why: String| Failure::new(format!("the root (pid {}) {why}", child.id()));
    ours.set_read_timeout(Some(READY_MAX)).map_err(|error| silent(error.to_string()))?;
    let mut line = String::new();
    BufReader::new(ours.take(NEWS_BYTES_MAX)).read_line(&mut line).map_err(|error| {
        silent(format!("was not ready within {} s: {error}", READY_MAX.as_secs()))
    })?;
    match serde_json::from_str(&line) {
        Ok(News::Ready(value)) => {
            if json {
                report::print(&value.to_string());
            }
            Ok(Some(ExitCode::SUCCESS))
        }
        Ok(News::Taken) => Ok(None),
        Ok(News::Failed(why)) => Err(Failure::new(why)),
        Err(_) => Err(silent("ended without a word".to_owned())),
    }
}

//! Plain dialogs, for when no page can speak.
use std::io::Read as _;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, PidfdFlags};
use serde_json::json;

use crate::setup::Setup;
use crate::spawn::{self, Bond, Plan};

/// An answer is one digit and a line feed.
const ANSWER_BYTES_MAX: u64 = 16;
/// Programs that can show a message where our own window cannot run, with the flags before the text.
const OTHERS: [(&str, &[&str]); 3] = [
    ("zenity", &["--error", "--no-markup", "--title=Bulkhead", "--text"]),
    ("kdialog", &["--title", "Bulkhead", "--error"]),
    ("xmessage", &["-center"]),
];

/// A dialog that is on the screen.
#[derive(Debug)]
pub(crate) struct Alarm {
    child: Child,
    pidfd: OwnedFd,
}

/// What a person chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    TryAgain,
    Quit,
}

impl Alarm {
    /// Asks what to do about a hub that does not start.
    ///
    /// # Errors
    /// The dialog cannot be started.
    pub(crate) fn hub_parked(setup: &Setup, words: &str) -> std::io::Result<Self> {
        let dialog = json!({
            "title": "Bulkhead's hub does not start.",
            "text": format!("{words}\n\nYour shells are running."),
            "buttons": ["Try again", "Quit, keep shells"],
        });
        let child = spawn::start(Plan {
            program: setup.layout.program("bulkhead-window"),
            args: vec!["--dialog".into(), dialog.to_string().into()],
            env: Vec::new(),
            fds: Vec::new(),
            stdout: Stdio::piped(),
            stderr: Stdio::null(),
            bond: Bond::Child,
        })?;
        let pidfd = rustix::process::pidfd_open(Pid::from_child(&child), PidfdFlags::empty())?;
        Ok(Self { child, pidfd })
    }

    /// To poll: readable when it was answered.
    pub(crate) fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }

    /// Reads the answer of a dialog that has ended. One that could not be shown leaves things as they are.
    pub(crate) fn answer(mut self) -> Answer {
        let mut text = String::new();
        if let Some(out) = self.child.stdout.take() {
            drop(out.take(ANSWER_BYTES_MAX).read_to_string(&mut text));
        }
        drop(self.child.wait());
        if text.trim() == "0" { Answer::TryAgain } else { Answer::Quit }
    }
}

/// Why a window does not open, with the fix.
pub(crate) fn window_words(name: &str, reason: &str) -> String {
    if reason.contains("exit code 127") {
        return "the window cannot be opened: the system's webview (WebKitGTK 4.1) is missing. Install it: \
                sudo apt-get install libwebkit2gtk-4.1-0. Without it: bulkhead serve"
            .to_owned();
    }
    format!("{name} does not start: {reason}. Without a window: bulkhead serve")
}

/// Shows a message with whatever the machine has for it. Best effort: it is in the log as well.
pub(crate) fn show_anywhere(setup: &Setup, words: &str) {
    let dialog = json!({ "title": "Bulkhead", "text": words, "buttons": ["Close"] }).to_string();
    let own = setup.layout.program("bulkhead-window");
    if show(&own, &["--dialog", &dialog]) {
        return;
    }
    for (program, flags) in OTHERS {
        let mut args = flags.to_vec();
        args.push(words);
        if show(Path::new(program), &args) {
            return;
        }
    }
}

fn show(program: &Path, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

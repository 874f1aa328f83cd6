//! Plain dialogs, for when no page can speak.
use std::ffi::OsStr;
use std::io::Read as _;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, PidfdFlags};
use serde_json::json;

use crate::layout::Layout;
use crate::setup::Setup;
use crate::spawn::{self, Bond, Plan};
use crate::target;

/// The root's own word for "show the next word in a dialog".
pub(crate) const SAY: &str = "--say";

/// An answer is one digit and a line feed.
const ANSWER_BYTES_MAX: u64 = 16;
/// Programs that can show a message where our own window cannot run, with the flags before the text.
const OTHERS: [(&str, &[&str]); 3] = [
    ("zenity", &["--error", "--no-markup", "--title=Bulkhead", "--text"]),
    ("kdialog", &["--title", "Bulkhead", "--error"]),
    ("xmessage", &["-center"]),
];

/// Exit codes of our own window's dialog.
const EXIT_SHOWN: i32 = 0;
const EXIT_NO_DISPLAY: i32 = 78;
/// Longest line of a message.
const COLUMNS: usize = 72;

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
    /// It could not be shown: things stay as they are.
    None,
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
            base: None,
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

    /// Reads the answer of a dialog that has ended.
    pub(crate) fn answer(mut self) -> Answer {
        let mut text = String::new();
        if let Some(out) = self.child.stdout.take() {
            drop(out.take(ANSWER_BYTES_MAX).read_to_string(&mut text));
        }
        drop(self.child.wait());
        match text.trim() {
            "0" => Answer::TryAgain,
            "1" => Answer::Quit,
            _ => Answer::None,
        }
    }
}

/// Why a window does not open, with the way out. `said` is the last line on its stderr.
pub(crate) fn window_words(name: &str, reason: &str, said: &str) -> String {
    if reason.contains("exit code 127") {
        let library = said.split_once("shared libraries: ").map(|(_, rest)| rest);
        let library = library.and_then(|rest| rest.split(':').next()).unwrap_or("WebKitGTK 4.1");
        return format!(
            "the window cannot be opened: the system's webview ({library}) is missing. Install it: \
             sudo apt-get install libwebkit2gtk-4.1-0. In a browser: bulkhead serve"
        );
    }
    if reason.contains("exit code 78") {
        let why = said.trim_start_matches("bulkhead-window: ");
        let why = why.split_once(" (window/").map_or(why, |(why, _)| why);
        return format!("the window cannot be opened: {why}. In a browser: bulkhead serve");
    }
    format!("{name} does not start: {reason}. In a browser: bulkhead serve")
}

/// Shows a message in a process of its own, which ends when a person has closed it. Best effort: it is said elsewhere
/// as well.
pub(crate) fn say(words: &str) {
    let Ok(program) = std::env::current_exe() else { return };
    let plan = Plan {
        program,
        args: vec![SAY.into(), words.into()],
        base: None,
        env: Vec::new(),
        fds: Vec::new(),
        stdout: Stdio::null(),
        stderr: Stdio::null(),
        bond: Bond::Free,
    };
    drop(spawn::start(plan));
}

/// Shows a message with whatever the machine has for it, and waits until it is closed.
pub(crate) fn show_anywhere(words: &str) {
    if target::has_display() && show_dialog(words) {
        return;
    }
    // On a bus without a display somebody may still be shown it.
    run("notify-send", &["--app-name=Bulkhead", "--urgency=critical", "Bulkhead", words]);
}

fn show_dialog(words: &str) -> bool {
    let dialog = json!({ "title": "Bulkhead", "text": words, "buttons": ["Close"] }).to_string();
    let own = Layout::find().ok().map(|layout| layout.program("bulkhead-window"));
    match own.and_then(|program| run(program, &["--dialog", &dialog])) {
        Some(EXIT_SHOWN) => return true,
        // Nobody else can open that display either.
        Some(EXIT_NO_DISPLAY) => return false,
        Some(_) | None => {}
    }
    // One that could be started is taken to have shown it: most fail alike when closed by Escape.
    let wrapped = wrap(words, COLUMNS);
    OTHERS.iter().any(|(program, flags)| {
        let mut args = flags.to_vec();
        args.push(&wrapped);
        run(program, &args).is_some()
    })
}

/// Runs a program to its end; its exit code, none if it could not be started or was killed.
fn run(program: impl AsRef<OsStr>, args: &[&str]) -> Option<i32> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().ok()?.code()
}

/// Lines of at most `columns` where words allow: not every program breaks them.
fn wrap(text: &str, columns: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{window_words, wrap};

    #[test]
    fn lines_break_between_words_and_nowhere_else() {
        assert_eq!(wrap("one two three", 7), "one two\nthree");
        assert_eq!(wrap("averylongword b", 5), "averylongword\nb");
        assert_eq!(wrap("", 5), "");
    }

    #[test]
    fn what_keeps_the_window_away_is_named_with_the_way_out() {
        let linker = "x: error while loading shared libraries: libsoup-3.0.so.0: cannot open it";
        let words = window_words("window/1", "exit code 127 (permanent)", linker);
        assert!(words.contains("libsoup-3.0.so.0") && words.contains("apt-get"), "{words}");
        let refused = "bulkhead-window: display :9 cannot be opened (window/display)";
        let words = window_words("window/1", "exit code 78 (permanent)", refused);
        assert!(words.contains("display :9 cannot be opened. In a browser"), "{words}");
    }
}

//! The window of Bulkhead: one page in WebKit's own process, and the bridge between it and the hub.
mod app;
mod args;
mod assets;
mod body;
mod bridge;
mod clipboard;
mod control;
mod dialog;
mod document;
mod error;
mod graphics;
mod host;
mod key;
mod link;
mod log;
mod notice;
mod page;
mod place;
mod portal;
mod remote;
mod renderer;
mod reply;
mod route;
mod sandbox;
mod timing;
mod view;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use crate::args::Task;
use crate::bridge::Setting;
use crate::control::Control;
use crate::error::WindowError;
use crate::graphics::Graphics;

const NO_DISPLAY: &str = "window/display";
/// `EX_CONFIG`: starting again would not help.
const EXIT_PERMANENT: u8 = 78;

fn main() -> ExitCode {
    let started = Instant::now();
    let control = Control::inherited();
    let outcome = args::parse(std::env::args().skip(1)).and_then(|task| match task {
        Task::Window { runtime_dir, name } => {
            let start = prepare(runtime_dir, name, started);
            open_display().and_then(|()| app::run(start, control))
        }
        Task::Dialog(json) => open_display().and_then(|()| run_dialog(&json)),
        Task::Probe => Ok(()),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::line(&error.to_string());
            if error.code == NO_DISPLAY {
                ExitCode::from(EXIT_PERMANENT)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

/// Checked before anything is built on it, where a failure could not be told in words.
fn open_display() -> Result<(), WindowError> {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    gtk::init().map_err(|_| {
        let display = named("WAYLAND_DISPLAY").or_else(|| named("DISPLAY")).unwrap_or_default();
        WindowError::new(NO_DISPLAY, format!("the display {display:?} cannot be opened"))
    })
}

fn prepare(runtime_dir: PathBuf, name: String, started: Instant) -> app::Start {
    let env = document::environment(std::env::vars_os());
    let graphics = graphics::probe();
    log::line(graphics.describe());
    let sandbox = sandbox::probe();
    let sandbox = match sandbox {
        Ok(()) => serde_json::Value::Bool(true),
        Err(reason) => {
            log::line(&format!("the page runs without WebKit's sandbox: {reason}"));
            serde_json::Value::String(reason)
        }
    };
    choose(graphics, sandbox == serde_json::Value::Bool(true));
    glib::set_prgname(Some("bulkhead"));
    app::Start {
        setting: Setting { runtime_dir, name, env, sandbox, drill: is_set("BULKHEAD_DRILL") },
        state_dir: std::env::var_os("BULKHEAD_STATE_DIR").map(PathBuf::from),
        graphics,
        started,
        automation: is_set("BULKHEAD_AUTOMATION"),
    }
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| value == "1")
}

/// Tells WebKit by its environment variables; what a person has set stays.
fn choose(graphics: Graphics, sandbox: bool) {
    let mut wanted = Vec::new();
    if sandbox {
        wanted.push(("WEBKIT_FORCE_SANDBOX", "1"));
    }
    if graphics.nvidia {
        wanted.push(("WEBKIT_DISABLE_DMABUF_RENDERER", "1"));
    }
    if graphics.software {
        wanted.push(("LP_NUM_THREADS", "2"));
    }
    for (name, value) in wanted {
        if std::env::var_os(name).is_none() {
            // SAFETY: no thread has been started yet, so nobody reads the environment meanwhile.
            unsafe { std::env::set_var(name, value) };
        }
    }
}

fn run_dialog(json: &str) -> Result<(), WindowError> {
    let refuse = |reason: String| WindowError::new("window/dialog", reason);
    let words = dialog::Words::parse(json).map_err(refuse)?;
    let number = dialog::run(&words).map_err(refuse)?;
    writeln!(std::io::stdout(), "{number}").map_err(|error| refuse(error.to_string()))
}

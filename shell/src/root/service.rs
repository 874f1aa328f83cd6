//! What the root serves to the hub: bus/contracts/root.ts.
use bulkhead_wire::{WireError, decode};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::asker::{self, Asked};
use crate::child::{Child, State};
use crate::hub::Call;
use crate::keeper::{self, Standing};
use crate::pages;
use crate::root::Root;
use crate::words::Mode;

/// Topic with all processes, kept.
pub(crate) const PROCESSES: &str = "root.processes";

/// Topic with what is installed, kept.
pub(crate) const INSTALLED: &str = "root.installed";

/// One row of `root.list`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    name: String,
    pid: Option<u32>,
    state: &'static str,
    restarts: u32,
    reason: String,
    started_ms: u64,
    retry_at_ms: Option<u64>,
}

/// Value of `root.processes` and output of `root.list`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Rows {
    processes: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    Kill,
    Restart,
    Park,
    Retry,
    Freeze,
    Resume,
}

#[derive(Debug, Deserialize)]
struct ActInput {
    name: String,
    act: Act,
}

#[derive(Debug, Deserialize)]
struct OpenInput {
    #[serde(default)]
    env: Asked,
}

#[derive(Debug, Deserialize)]
struct QuitInput {
    all: bool,
}

#[derive(Debug, Serialize)]
struct Nothing {}

#[derive(Debug, Serialize)]
struct Name {
    name: String,
}

#[derive(Debug, Serialize)]
struct PidOf {
    pid: u32,
}

/// Answers a call of the hub.
pub(crate) fn serve(root: &mut Root, call: &Call) {
    let outcome = match call.subject.as_str() {
        "root.list" => {
            let rows = rows(root);
            root.hub.reply(call, &rows);
            return;
        }
        "root.act" => act(root, call),
        "root.open-window" => open_window(root, call),
        "root.start-keeper" => start_keeper(root, call),
        "root.reload" => {
            // Answered and flushed before it happens: the hub goes with it.
            root.hub.reply(call, &Nothing {});
            root.hub.flush();
            root.reload();
            return;
        }
        "root.quit" => quit(root, call),
        other => Err(WireError::new("bus/no-responder", format!("the root serves no {other:?}"))),
    };
    if let Err(error) = outcome {
        root.hub.fail(call, &error);
    }
}

/// Every process of the root as it stands.
pub(crate) fn rows(root: &Root) -> Rows {
    let mut processes = vec![Row {
        name: "root".to_owned(),
        pid: Some(std::process::id()),
        state: if root.quitting() { "stopping" } else { "ready" },
        restarts: 0,
        reason: String::new(),
        started_ms: root.started_ms,
        retry_at_ms: None,
    }];
    processes.push(row(&root.hub.child));
    for window in &root.windows {
        let of_window = row(&window.child);
        let page = Row {
            name: window.page_name(),
            pid: window.page_pid,
            state: if window.page_pid.is_some() { "ready" } else { "starting" },
            restarts: window.page_restarts,
            reason: window.page_reason.clone(),
            retry_at_ms: None,
            started_ms: of_window.started_ms,
        };
        processes.extend([of_window, page]);
    }
    let keeper = &root.keeper;
    processes.push(Row {
        name: "keeper".to_owned(),
        pid: keeper.pid,
        state: match keeper.standing {
            Standing::Absent => "parked",
            Standing::Starting(_) => "starting",
            Standing::Answering => "ready",
        },
        restarts: keeper.restarts,
        reason: keeper.reason.clone(),
        started_ms: keeper.started_ms,
        retry_at_ms: None,
    });
    Rows { processes }
}

fn row(child: &Child) -> Row {
    Row {
        name: child.name.clone(),
        pid: child.pid(),
        state: child.state.name(),
        restarts: child.restarts(),
        reason: child.reason.clone(),
        started_ms: child.process.as_ref().map_or(0, |process| process.started_ms),
        retry_at_ms: child.retry_at_ms(),
    }
}

fn act(root: &mut Root, call: &Call) -> Result<(), WireError> {
    let input: ActInput = input(call)?;
    if let Some(major) = keeper::other_major(&input.name) {
        return end_other_keeper(root, call, major);
    }
    check(root, &input)?;
    // Answered and flushed before it happens: the hub may be the one to be killed.
    root.hub.reply(call, &Nothing {});
    root.hub.flush();
    match input.name.as_str() {
        "hub" => act_on(&mut root.hub.child, &input.act),
        "keeper" => root.keeper.signal(match input.act {
            Act::Freeze => Signal::STOP,
            Act::Resume => Signal::CONT,
            _ => Signal::KILL,
        }),
        name => {
            for window in &mut root.windows {
                if window.page_name() == name {
                    let page = window.page_pid.or_else(|| pages::page_of(window.child.pid()?));
                    match input.act {
                        Act::Kill => kill(page),
                        _ => window.order(&json!({ "type": "reload" })),
                    }
                } else if window.child.name == name {
                    act_on(&mut window.child, &input.act);
                }
            }
        }
    }
    root.changed();
    Ok(())
}

/// One of another version that does not answer; whatever was asked, it can only be ended.
fn end_other_keeper(root: &mut Root, call: &Call, major: u8) -> Result<(), WireError> {
    let folder = &root.setup.instance.runtime_dir;
    keeper::signal_other(folder, major, Signal::KILL).map_err(|error| {
        let text = format!("the keeper of version {major} cannot be ended: {error}");
        WireError::new("root/keeper", text)
    })?;
    root.hub.reply(call, &Nothing {});
    Ok(())
}

fn check(root: &Root, input: &ActInput) -> Result<(), WireError> {
    let name = input.name.as_str();
    let known = name == "hub"
        || name == "keeper"
        || root
            .windows
            .iter()
            .any(|window| window.child.name == name || window.page_name() == name);
    if !known {
        let message = format!("the root has no process {name:?}");
        return Err(WireError::new("root/no-such-process", message).with(name, None));
    }
    let page = name.starts_with("page/");
    let offered = match input.act {
        Act::Kill | Act::Restart => true,
        Act::Park | Act::Retry => name == "hub" || name.starts_with("window/"),
        Act::Freeze | Act::Resume => !page,
    };
    if offered {
        return Ok(());
    }
    let message = format!("{:?} is not offered for {name}", input.act);
    Err(WireError::new("root/not-offered", message).with(name, None))
}

fn act_on(child: &mut Child, act: &Act) {
    match act {
        Act::Kill => child.kill_as_asked(Signal::KILL),
        Act::Restart => child.kill_as_asked(Signal::TERM),
        Act::Park => {
            child.park();
            child.kill_as_asked(Signal::TERM);
        }
        Act::Retry => child.retry(),
        Act::Freeze => {
            if let Some(process) = &child.process {
                process.signal(Signal::STOP);
                child.state = State::Frozen;
            }
        }
        Act::Resume => {
            if let Some(process) = &child.process {
                process.signal(Signal::CONT);
                child.state = if process.ready.is_some() { State::Ready } else { State::Starting };
            }
        }
    }
}

fn kill(pid: Option<u32>) {
    let pid = pid.and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        let _ = rustix::process::kill_process(pid, Signal::KILL);
    }
}

fn open_window(root: &mut Root, call: &Call) -> Result<(), WireError> {
    if root.setup.mode == Mode::Browser {
        let message = "this instance runs in a browser: there is no display for a window";
        return Err(WireError::new("root/no-display", message));
    }
    let OpenInput { env } = input(call)?;
    asker::check(&env).map_err(|why| WireError::new("bus/invalid", why))?;
    let name = root
        .open_window(env)
        .map_err(|limit| WireError::new("root/limit", format!("at most {limit} windows")))?;
    root.hub.reply(call, &Name { name });
    Ok(())
}

fn start_keeper(root: &mut Root, call: &Call) -> Result<(), WireError> {
    let failed = |error: String| WireError::new("root/keeper", error);
    root.keeper
        .ensure(&root.setup, &mut root.journal)
        .map_err(|error| failed(format!("the keeper cannot be started: {error}")))?;
    let pid = root.keeper.pid.ok_or_else(|| failed("the keeper has no pid".to_owned()))?;
    root.changed();
    root.hub.reply(call, &PidOf { pid });
    Ok(())
}

fn quit(root: &mut Root, call: &Call) -> Result<(), WireError> {
    let QuitInput { all } = input(call)?;
    root.hub.reply(call, &Nothing {});
    root.hub.flush();
    root.quit(all);
    Ok(())
}

fn input<T: serde::de::DeserializeOwned>(call: &Call) -> Result<T, WireError> {
    decode(&call.frame.payload)
        .map_err(|error| WireError::new("bus/invalid", format!("{}: {error}", call.subject)))
}

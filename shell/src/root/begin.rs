//! Becomes the root: folders, lock, Node, secrets; then the loop.
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::about::{self, HubNews};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::instance::{Instance, Surroundings};
use crate::journal::{Echo, Journal};
use crate::layout::Layout;
use crate::lock::{self, Lock};
use crate::report::Reporter;
use crate::root::{Parts, Root};
use crate::setup::Setup;
use crate::signals::Signals;
use crate::words::{Mode, Start};
use crate::{node, secret};

/// What makes this process the one root: nobody may wake a root that does not hear signals yet, so the handlers come first.
#[derive(Debug)]
pub(crate) struct Hold {
    signals: Signals,
    lock: Lock,
}

/// Installs the signal handlers and takes the lock; `None` when another root holds it.
///
/// # Errors
/// The handlers or the lock file cannot be had.
pub(crate) fn hold(instance: &Instance) -> Result<Option<Hold>, Failure> {
    let signals =
        Signals::install().map_err(|error| Failure::new(format!("no signal handlers: {error}")))?;
    Ok(lock::take(&instance.runtime_dir)?.map(|lock| Hold { signals, lock }))
}

/// Runs the instance in this process until it ends. `reporter` is used up once it runs.
///
/// # Errors
/// It cannot begin: no Node, no port, a file that cannot be written.
pub(crate) fn become_root(
    start: &Start,
    instance: Instance,
    hold: Hold,
    reporter: &mut Reporter,
) -> Result<ExitCode, Failure> {
    let Hold { signals, lock } = hold;
    let layout = Layout::find()?;
    let node = find_node(&layout, &instance)?;
    let quiet = matches!(reporter, Reporter::Front(_));
    let journal =
        Journal::open(&instance.state_dir, if quiet { Echo::Nowhere } else { Echo::Stderr });
    let unwritable = |error: std::io::Error| {
        Failure::new(format!("{} cannot be written: {error}", instance.runtime_dir.display()))
    };
    secret::write_raw(&instance.runtime_dir.join("token")).map_err(unwritable)?;
    let (listener, url) = match start.mode {
        Mode::Window => (None, String::new()),
        Mode::Browser => {
            let listener = listen(start.port)?;
            let url = write_session(&instance, &listener).map_err(unwritable)?;
            (Some(listener), url)
        }
    };
    let folder = Folder::keep(&instance.runtime_dir, lock).map_err(unwritable)?;
    let drill = std::env::var_os("BULKHEAD_DRILL").is_some_and(|value| value == "1");
    let setup = Setup { instance, layout, node, mode: start.mode, drill };
    about::write(&setup, &about::text(&setup, HubNews::Ready)).map_err(|error| {
        Failure::new(format!("{} cannot be written: {error}", setup.instance.runtime_dir.display()))
    })?;
    let reporter = std::mem::replace(reporter, Reporter::Done);
    Ok(Root::new(Parts { setup, journal, reporter, signals, folder, listener, url }).run())
}

/// The Node every process of this instance runs on.
///
/// # Errors
/// None is new enough.
pub(crate) fn find_node(layout: &Layout, instance: &Instance) -> Result<PathBuf, Failure> {
    node::find(&node::Places {
        layout,
        config_dir: &instance.config_dir,
        asked: std::env::var_os("BULKHEAD_NODE").map(PathBuf::from),
        path: std::env::var_os("PATH"),
        home: Surroundings::of_process().home.map(PathBuf::from),
    })
}

fn listen(port: Option<u16>) -> Result<TcpListener, Failure> {
    let port = port.unwrap_or(0);
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| Failure::new(format!("port {port} of 127.0.0.1 cannot be used: {error}")))
}

fn write_session(instance: &Instance, listener: &TcpListener) -> std::io::Result<String> {
    secret::write_hex(&instance.runtime_dir.join("session.key"))?;
    let token = secret::write_hex(&instance.runtime_dir.join("serve.token"))?;
    Ok(format!("http://127.0.0.1:{}/open/{token}", listener.local_addr()?.port()))
}

//! `instance.json`: what a command line finds out about this root without asking the hub.
use std::io;

use serde_json::json;

use crate::child::{Child, State};
use crate::secret;
use crate::setup::{Setup, VERSION};

/// Whether a command may wait for the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HubNews<'a> {
    /// It runs, or will again by itself.
    Ready,
    /// It stays away until a person tries again; why it ended last.
    Parked(&'a str),
}

impl<'a> HubNews<'a> {
    /// As the hub's child stands.
    pub(crate) fn of(child: &'a Child) -> Self {
        match (child.state, &child.process) {
            (State::Parked, None) => Self::Parked(&child.reason),
            _ => Self::Ready,
        }
    }
}

/// The text of the file.
pub(crate) fn text(setup: &Setup, hub: HubNews<'_>) -> String {
    let (hub, reason) = match hub {
        HubNews::Ready => ("ready", ""),
        HubNews::Parked(reason) => ("parked", reason),
    };
    json!({
        "pid": std::process::id(),
        "workspace": setup.instance.workspace,
        "mode": setup.mode.name(),
        "version": VERSION,
        "hub": hub,
        "reason": reason,
    })
    .to_string()
}

/// Replaces the file at once.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(setup: &Setup, text: &str) -> io::Result<()> {
    secret::replace(&setup.instance.runtime_dir.join("instance.json"), text.as_bytes())
}

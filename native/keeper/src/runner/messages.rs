//! Payloads of `bus/contracts/runner.ts`.

use std::collections::BTreeMap;

use bulkhead_wire::number::count;
use serde::{Deserialize, Serialize};

use crate::wait::Exit;

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spawn {
    pub(crate) argv: Vec<String>,
    pub(crate) cwd: String,
    pub(crate) env: BTreeMap<String, String>,
    /// `agent` or `mcp-server`; none for a call of the launcher itself.
    #[serde(default)]
    pub(crate) profile: Option<String>,
    #[serde(default)]
    pub(crate) principal: Option<String>,
    #[serde(default)]
    pub(crate) reads: Vec<String>,
    #[serde(default)]
    pub(crate) ports: Vec<u16>,
    #[serde(default)]
    pub(crate) keep: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Spawned {
    pub(crate) program: String,
    pub(crate) pid: i32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    pub(crate) program: String,
    pub(crate) pid: i32,
    pub(crate) argv: Vec<String>,
    pub(crate) started_ms: u64,
    pub(crate) exit: Option<Exit>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Programs {
    pub(crate) programs: Vec<Row>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfProgram {
    pub(crate) program: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct SendSignal {
    pub(crate) program: String,
    #[serde(deserialize_with = "count")]
    pub(crate) signal: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Exited {
    pub(crate) program: String,
    pub(crate) exit: Exit,
}

#[derive(Debug, Serialize)]
pub(crate) struct Pulse {
    pub(crate) mailbox: u32,
}

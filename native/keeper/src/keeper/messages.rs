//! Payloads of `bus/contracts/keeper.ts`.

use std::collections::BTreeMap;

use bulkhead_wire::number::count;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::wait::Exit;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Info {
    pub(crate) pid: u32,
    pub(crate) version: &'static str,
    pub(crate) protocol: u8,
    pub(crate) serves_since: u8,
    pub(crate) sessions: usize,
    pub(crate) started_ms: u64,
    pub(crate) ring_bytes: usize,
    pub(crate) clients: usize,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Create {
    pub(crate) argv: Vec<String>,
    pub(crate) cwd: String,
    pub(crate) env: BTreeMap<String, String>,
    #[serde(deserialize_with = "count")]
    pub(crate) cols: u64,
    #[serde(deserialize_with = "count")]
    pub(crate) rows: u64,
    #[serde(default)]
    pub(crate) meta: ByteBuf,
}

#[derive(Debug, Serialize)]
pub(crate) struct Created {
    pub(crate) session: String,
    pub(crate) pid: i32,
}

#[derive(Debug, Serialize)]
pub(crate) struct CheckpointRow {
    pub(crate) offset: u64,
    pub(crate) cols: u16,
    pub(crate) rows: u16,
    pub(crate) bytes: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionRow {
    pub(crate) session: String,
    pub(crate) pid: i32,
    pub(crate) argv: Vec<String>,
    pub(crate) cols: u16,
    pub(crate) rows: u16,
    pub(crate) created_ms: u64,
    pub(crate) exit: Option<Exit>,
    pub(crate) tail: u64,
    pub(crate) head: u64,
    pub(crate) read: u64,
    pub(crate) checkpoint: Option<CheckpointRow>,
    pub(crate) attached: u8,
    pub(crate) foreground: i32,
    pub(crate) cwd: String,
    pub(crate) meta: ByteBuf,
}

#[derive(Debug, Serialize)]
pub(crate) struct Sessions {
    pub(crate) sessions: Vec<SessionRow>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Attach {
    pub(crate) session: String,
    #[serde(deserialize_with = "count")]
    pub(crate) offset: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct AttachAccept {
    pub(crate) offset: u64,
    pub(crate) gap: u64,
    pub(crate) head: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OpenInput {
    pub(crate) session: String,
    pub(crate) writer: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct InputAccept {
    pub(crate) offset: u64,
    pub(crate) received: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfSession {
    pub(crate) session: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Resize {
    pub(crate) session: String,
    #[serde(deserialize_with = "count")]
    pub(crate) cols: u64,
    #[serde(deserialize_with = "count")]
    pub(crate) rows: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    Foreground,
    Shell,
}

#[derive(Debug, Deserialize)]
pub(crate) struct SendSignal {
    pub(crate) session: String,
    #[serde(deserialize_with = "count")]
    pub(crate) signal: u64,
    pub(crate) target: Target,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct End {
    pub(crate) session: String,
    #[serde(deserialize_with = "count")]
    pub(crate) grace_ms: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct SetMeta {
    pub(crate) session: String,
    pub(crate) meta: ByteBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PutCheckpoint {
    pub(crate) session: String,
    #[serde(deserialize_with = "count")]
    pub(crate) offset: u64,
    #[serde(deserialize_with = "count")]
    pub(crate) cols: u64,
    #[serde(deserialize_with = "count")]
    pub(crate) rows: u64,
    pub(crate) blob: ByteBuf,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Checkpoint {
    pub(crate) offset: u64,
    pub(crate) cols: u16,
    pub(crate) rows: u16,
    pub(crate) blob: ByteBuf,
}

#[derive(Debug, Serialize)]
pub(crate) struct CheckpointAnswer<'a> {
    pub(crate) checkpoint: Option<&'a Checkpoint>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Exited {
    pub(crate) session: String,
    pub(crate) exit: Exit,
}

#[derive(Debug, Serialize)]
pub(crate) struct DeadLetter<'a> {
    pub(crate) reason: &'static str,
    pub(crate) kind: u8,
    pub(crate) source: String,
    pub(crate) destination: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) correlation: u32,
    pub(crate) message: String,
}

//! The door to Node: requests in, answers out through one callback. Converts and calls, nothing else.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::needless_pass_by_value,
    clippy::missing_errors_doc,
    reason = "napi's macros write items and signatures of their own; native.ts documents them"
)]

use crate::error::GuardError;
use crate::gate::{Asker, Guard};
use crate::load::Variables;
use crate::pool::Pool;
use crate::reply::Reply;
use crate::request::{Payload, Request};
use crate::task::Task;
use crate::watch::Watcher;
use bulkhead_policy::Principal;
use napi::bindgen_prelude::{Buffer, FnArgs, Uint8Array};
use napi::threadsafe_function::{
    ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue,
};
use napi_derive::napi;
use serde::Deserialize;
use std::sync::Arc;

/// Kinds of an answer.
const DONE: u32 = 0;
const FAILED: u32 = 1;
const PART: u32 = 2;

type Answer = FnArgs<(u32, u32, String, Option<Buffer>)>;
type Door = ThreadsafeFunction<Answer, UnknownReturnValue, Answer, napi::Status, false, true>;

/// A guard with its threads.
#[napi]
pub struct NativeGuard {
    guard: Arc<Guard>,
    pool: Pool,
    watcher: Arc<Watcher>,
    door: Arc<Door>,
    variables: Variables,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    principal: String,
    actor: String,
    request: Request,
}

#[napi]
impl NativeGuard {
    /// Loads the guard of an instance from the variables (JSON); `door(id, kind, json, bytes)` gets
    /// all answers. Throws with a JSON error when the wall is not up.
    #[napi(factory)]
    pub fn load(variables: String, door: Door) -> napi::Result<Self> {
        let variables: Variables = serde_json::from_str(&variables).map_err(invalid)?;
        let guard = Arc::new(Guard::load(&variables).map_err(thrown)?);
        let pool = Pool::start().map_err(thrown)?;
        let watcher = Arc::new(Watcher::start(Arc::clone(&guard)).map_err(thrown)?);
        Ok(Self { guard, pool, watcher, door: Arc::new(door), variables })
    }

    /// Queues a request; its answer comes with `id`. Throws when it cannot be queued.
    #[napi]
    pub fn submit(
        &self,
        id: u32,
        asked: String,
        path: Uint8Array,
        rest: Option<Rest>,
    ) -> napi::Result<()> {
        let asked: Asked = serde_json::from_str(&asked).map_err(invalid)?;
        let principal = Principal::parse(&asked.principal).ok_or_else(|| {
            thrown(GuardError::Invalid(format!("{:?} is no principal", asked.principal)))
        })?;
        let asker = Asker { principal, actor: asked.actor };
        let (to, bytes) = rest.map_or_else(Default::default, |rest| {
            (rest.to.map(|to| to.to_vec()), rest.bytes.map(|bytes| bytes.to_vec()))
        });
        let payload = Payload {
            path: path.to_vec(),
            to: to.unwrap_or_default(),
            bytes: bytes.unwrap_or_default(),
        };
        let (guard, door) = (Arc::clone(&self.guard), Arc::clone(&self.door));
        let work = move |cancel: &crate::Cancel| {
            let parts = Arc::clone(&door);
            let task = Task::new(cancel.clone(), move |part| send(&parts, id, PART, part));
            match guard.serve(&asked.request, &payload, &asker, &task) {
                Ok(reply) => send(&door, id, DONE, reply),
                Err(error) => send(&door, id, FAILED, failure(&error)),
            }
        };
        self.pool.submit(id, work).map_err(thrown)
    }

    /// Asks the work of `id` to stop; its answer still comes.
    #[napi]
    pub fn cancel(&self, id: u32) {
        self.pool.cancel(id);
    }

    /// Watches a folder: an answer comes with `id` when it is watched, then parts until `unwatch`.
    #[napi]
    pub fn watch(
        &self,
        id: u32,
        principal: String,
        actor: String,
        path: Uint8Array,
    ) -> napi::Result<()> {
        let principal = Principal::parse(&principal)
            .ok_or_else(|| thrown(GuardError::Invalid(format!("{principal:?} is no principal"))))?;
        let (door, parts) = (Arc::clone(&self.door), Arc::clone(&self.door));
        let (watcher, path) = (Arc::clone(&self.watcher), path.to_vec());
        let asker = Asker { principal, actor };
        let task = Task::new(crate::Cancel::default(), move |part| send(&parts, id, PART, part));
        let work = move |_: &crate::Cancel| match watcher.watch(id, path, asker, task) {
            Ok(reply) => send(&door, id, DONE, reply),
            Err(error) => send(&door, id, FAILED, failure(&error)),
        };
        self.pool.submit(id, work).map_err(thrown)
    }

    /// Ends a watch.
    #[napi]
    pub fn unwatch(&self, id: u32) {
        self.watcher.unwatch(id);
    }

    /// Reads the policy files again; throws, and keeps the rules in force, when one is wrong.
    #[napi]
    pub fn reload(&self) -> napi::Result<()> {
        self.guard.reload(&self.variables).map_err(thrown)
    }
}

/// What some requests carry beside their path.
#[napi(object)]
pub struct Rest {
    pub to: Option<Uint8Array>,
    pub bytes: Option<Uint8Array>,
}

fn send(door: &Door, id: u32, kind: u32, reply: Reply) {
    let answer = (id, kind, reply.json, reply.bytes.map(Buffer::from)).into();
    // The only failure is a Node that is closing: nobody waits for the answer then.
    let _ = door.call(answer, ThreadsafeFunctionCallMode::NonBlocking);
}

fn failure(error: &GuardError) -> Reply {
    let data = match error {
        GuardError::Denied(denied) => serde_json::to_value(denied).ok(),
        _ => None,
    };
    let json =
        serde_json::json!({"code": error.code(), "message": error.to_string(), "data": data});
    Reply { json: json.to_string(), ..Reply::default() }
}

fn thrown(error: GuardError) -> napi::Error {
    napi::Error::from_reason(failure(&error).json)
}

fn invalid(error: serde_json::Error) -> napi::Error {
    thrown(GuardError::Invalid(error.to_string()))
}

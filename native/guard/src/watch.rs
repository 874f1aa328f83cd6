//! A hint that something in a folder has changed. A rescan is the truth: events may be merged or lost,
//! and a lost one is told as "anything may have changed".

use crate::error::GuardError;
use crate::gate::{Asker, Guard, lock};
use crate::reply::Reply;
use crate::request::Payload;
use crate::sys;
use crate::task::Task;
use bulkhead_policy::Op;
use rustix::fs::inotify;
use rustix::io::Errno;
use serde::Serialize;
use std::collections::HashMap;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Most folders watched.
const WATCHES_MAX: usize = 1024;
/// Changes within this time are told together.
const PAUSE: Duration = Duration::from_millis(30);
/// Names told at once; more are told as "anything".
const NAMES_MAX: usize = 1000;

/// One thread that reads the kernel's events for all watches.
#[derive(Debug)]
pub(crate) struct Watcher {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    guard: Arc<Guard>,
    kernel: OwnedFd,
    watches: Mutex<Watches>,
}

#[derive(Debug, Default)]
struct Watches {
    by_id: HashMap<u32, Watch>,
    is_running: bool,
}

#[derive(Debug)]
struct Watch {
    number: i32,
    path: Vec<u8>,
    asker: Asker,
    task: Task,
}

/// What a watch tells.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    /// Whether more may have changed than is named; then list again.
    is_anything: bool,
    /// Whether the folder itself has gone or moved; the watch has ended.
    is_gone: bool,
    names: Vec<String>,
}

impl Watcher {
    pub(crate) fn start(guard: Arc<Guard>) -> Result<Self, GuardError> {
        let kernel = inotify::init(inotify::CreateFlags::CLOEXEC)?;
        let shared = Shared { guard, kernel, watches: Mutex::default() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Watches the names in a folder. The thread starts with the first watch.
    pub(crate) fn watch(
        &self,
        id: u32,
        path: Vec<u8>,
        asker: Asker,
        task: Task,
    ) -> Result<Reply, GuardError> {
        let payload = Payload { path, ..Payload::default() };
        let begin = || self.begin(id, &payload.path, &asker, task);
        if asker.principal.is_program() {
            return self.shared.guard.recorded(("watch", &payload), &asker, begin);
        }
        begin()
    }

    fn begin(&self, id: u32, path: &[u8], asker: &Asker, task: Task) -> Result<Reply, GuardError> {
        let found = self.shared.guard.resolve(Op::Read, path, asker)?;
        if !found.facts.is_folder() {
            return Err(GuardError::NotAFolder);
        }
        let mut watches = lock(&self.shared.watches);
        if watches.by_id.len() >= WATCHES_MAX {
            let count = watches.by_id.len() as u64 + 1;
            return Err(GuardError::TooLarge("the number of watches", count, WATCHES_MAX as u64));
        }
        let own = format!("/proc/self/fd/{}", found.fd.as_raw_fd());
        let number = inotify::add_watch(&self.shared.kernel, own, events())?;
        let reply = Reply::nothing().at(&found.path);
        watches.by_id.insert(id, Watch { number, path: found.path, asker: asker.clone(), task });
        if !watches.is_running {
            watches.is_running = true;
            let shared = Arc::clone(&self.shared);
            std::thread::Builder::new()
                .name("guard-watch".into())
                .spawn(move || shared.run())
                .map_err(|error| GuardError::NotServing(format!("no thread: {error}")))?;
        }
        Ok(reply)
    }

    pub(crate) fn unwatch(&self, id: u32) {
        let mut watches = lock(&self.shared.watches);
        let Some(gone) = watches.by_id.remove(&id) else { return };
        // The kernel has one watch per folder, whoever asked.
        if !watches.by_id.values().any(|watch| watch.number == gone.number) {
            // It fails only when the folder has gone, and the watch with it.
            let _ = inotify::remove_watch(&self.shared.kernel, gone.number);
        }
    }
}

fn events() -> inotify::WatchFlags {
    use inotify::WatchFlags as F;
    F::CREATE
        | F::DELETE
        | F::MOVED_FROM
        | F::MOVED_TO
        | F::CLOSE_WRITE
        | F::MODIFY
        | F::ATTRIB
        | F::DELETE_SELF
        | F::MOVE_SELF
        | F::ONLYDIR
}

/// What one read of the kernel's events says of a folder.
#[derive(Default)]
struct Heard {
    /// Names, and whether each came or went.
    names: HashMap<Vec<u8>, bool>,
    is_anything: bool,
    is_gone: bool,
}

impl Shared {
    fn run(&self) {
        let mut buffer = [const { MaybeUninit::uninit() }; 64 * 1024];
        loop {
            let mut heard = HashMap::new();
            let Ok(all) = self.collect(&mut buffer, &mut heard) else { return };
            self.tell(&heard, all);
            std::thread::sleep(PAUSE);
        }
    }

    /// Waits for events and takes what one read gives. Returns whether some were lost.
    fn collect(
        &self,
        buffer: &mut [MaybeUninit<u8>],
        heard: &mut HashMap<i32, Heard>,
    ) -> Result<bool, Errno> {
        let mut reader = inotify::Reader::new(&self.kernel, buffer);
        let mut is_lost = false;
        loop {
            match reader.next() {
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
                Ok(event) => {
                    use inotify::ReadFlags as F;
                    let flags = event.events();
                    is_lost |= flags.contains(F::QUEUE_OVERFLOW);
                    let of_folder = heard.entry(event.wd()).or_default();
                    of_folder.is_gone |=
                        flags.intersects(F::DELETE_SELF | F::MOVE_SELF | F::IGNORED);
                    match event.file_name() {
                        Some(name) if of_folder.names.len() < NAMES_MAX => {
                            let came_or_went = flags
                                .intersects(F::CREATE | F::DELETE | F::MOVED_FROM | F::MOVED_TO);
                            *of_folder.names.entry(name.to_bytes().to_vec()).or_default() |=
                                came_or_went;
                        }
                        Some(_) => of_folder.is_anything = true,
                        None => {}
                    }
                }
            }
            if reader.is_buffer_empty() {
                return Ok(is_lost);
            }
        }
    }

    fn tell(&self, heard: &HashMap<i32, Heard>, all: bool) {
        let nothing = Heard::default();
        for watch in lock(&self.watches).by_id.values() {
            let of_folder = heard.get(&watch.number).unwrap_or(&nothing);
            let mut names = Vec::new();
            let mut is_list_other = false;
            for (name, came_or_went) in &of_folder.names {
                let path = sys::join(&watch.path, name);
                if self.guard.decide(Op::Read, &path, &watch.asker).is_ok() {
                    names.push(crate::listing::text(name));
                } else {
                    // Programs are not shown closed names, so to them nothing has changed.
                    is_list_other |= *came_or_went && !watch.asker.principal.is_program();
                }
            }
            names.sort_unstable();
            let is_anything = all || of_folder.is_anything || is_list_other;
            let is_gone = of_folder.is_gone;
            if (is_anything || is_gone || !names.is_empty())
                && let Ok(part) = Reply::new(&Changed { is_anything, is_gone, names })
            {
                watch.task.emit(part);
            }
        }
    }
}

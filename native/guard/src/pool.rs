//! Worker threads of our own: a file system that hangs takes them, not the event loop or Node's pool.

use crate::error::GuardError;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};

use crate::gate::lock;

/// Threads; they sleep when there is nothing to do.
const THREADS: usize = 4;
/// Requests that may wait.
const WAITING_MAX: usize = 1024;

/// Told to a request that nobody waits for any more.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the work to stop at its next step.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// # Errors
    /// `Cancelled` once it was.
    pub fn check(&self) -> Result<(), GuardError> {
        if self.0.load(Ordering::Relaxed) { Err(GuardError::Cancelled) } else { Ok(()) }
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// The threads and what waits for them. Dropping it ends the threads after their current work.
#[derive(Debug)]
pub(crate) struct Pool {
    queue: SyncSender<Job>,
    cancels: Arc<Mutex<HashMap<u32, Cancel>>>,
}

struct Job(Work);

impl Pool {
    pub(crate) fn start() -> Result<Self, GuardError> {
        let (queue, waiting) = sync_channel(WAITING_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..THREADS {
            let waiting = Arc::clone(&waiting);
            let thread = std::thread::Builder::new().name(format!("guard-{number}"));
            thread
                .spawn(move || while run_next(&waiting) {})
                .map_err(|error| GuardError::NotServing(format!("no thread: {error}")))?;
        }
        Ok(Self { queue, cancels: Arc::default() })
    }

    /// Queues `work` under `id`, by which it can be cancelled.
    pub(crate) fn submit(
        &self,
        id: u32,
        work: impl FnOnce(&Cancel) + Send + 'static,
    ) -> Result<(), GuardError> {
        let cancel = Cancel::default();
        let cancels = Arc::clone(&self.cancels);
        lock(&cancels).insert(id, cancel.clone());
        let job = Job(Box::new(move || {
            work(&cancel);
            lock(&cancels).remove(&id);
        }));
        self.queue.try_send(job).map_err(|error| {
            lock(&self.cancels).remove(&id);
            match error {
                TrySendError::Full(_) => GuardError::Busy,
                TrySendError::Disconnected(_) => GuardError::NotServing("it has stopped".into()),
            }
        })
    }

    pub(crate) fn cancel(&self, id: u32) {
        if let Some(cancel) = lock(&self.cancels).get(&id) {
            cancel.cancel();
        }
    }
}

/// Waits for a job and does it. `false` when no more will come.
fn run_next(waiting: &Mutex<Receiver<Job>>) -> bool {
    let next = lock(waiting).recv();
    match next {
        Ok(Job(work)) => {
            work();
            true
        }
        Err(_) => false,
    }
}

//! The threads that answer. A few are enough: an answer takes microseconds, and what may take long gets a substitute.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::handle::handle;
use super::judge::Judge;
use super::listener::Listener;

/// Calls answered at the same time.
const THREADS: usize = 4;
static POOL: OnceLock<Arc<Pool>> = OnceLock::new();

#[derive(Debug)]
struct Pool {
    listener: Listener,
    judge: Judge,
    /// Threads that may end after their next answer.
    too_many: AtomicUsize,
}

/// Starts answering, until no process is left that could ask. Once for each process.
pub(super) fn serve(listener: Listener, judge: Judge) -> Result<(), String> {
    let pool = Arc::new(Pool { listener, judge, too_many: AtomicUsize::new(0) });
    POOL.set(Arc::clone(&pool)).map_err(|_| "it serves already".to_owned())?;
    for _ in 0..THREADS {
        start(&pool).map_err(|error| format!("no thread: {error}"))?;
    }
    Ok(())
}

/// One more thread, as long as the value lives: its owner does not answer meanwhile.
pub(super) fn substitute() -> Option<Substitute> {
    let pool = POOL.get()?;
    start(pool).ok().map(|()| Substitute(Arc::clone(pool)))
}

/// See `substitute`.
#[derive(Debug)]
pub(super) struct Substitute(Arc<Pool>);

impl Drop for Substitute {
    fn drop(&mut self) {
        self.0.too_many.fetch_add(1, Ordering::AcqRel);
    }
}

fn start(pool: &Arc<Pool>) -> std::io::Result<()> {
    let pool = Arc::clone(pool);
    std::thread::Builder::new().name("answers".to_owned()).spawn(move || pool.run()).map(|_| ())
}

impl Pool {
    fn run(&self) {
        loop {
            match self.listener.receive() {
                Ok(Some(call)) => {
                    let answer = handle(call, &self.listener, &self.judge);
                    self.listener.answer(call.id, answer);
                }
                // Without this thread the callers would wait for ever, or there is none.
                Ok(None) => return,
                Err(error) => {
                    eprintln!("bulkhead-launch: cannot hear what is asked: {error}");
                    std::process::exit(super::EXIT_BROKEN);
                }
            }
            let take_one = |left: usize| left.checked_sub(1);
            if self.too_many.fetch_update(Ordering::AcqRel, Ordering::Acquire, take_one).is_ok() {
                return;
            }
        }
    }
}

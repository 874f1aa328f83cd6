//! Readiness of descriptors, edge-triggered: an event is told once, and its owner remembers it until EAGAIN.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;

const EVENTS_AT_ONCE: usize = 256;

/// What became ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) token: u64,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

/// An epoll instance. A descriptor leaves it by being closed.
#[derive(Debug)]
pub(crate) struct Poller {
    epoll: OwnedFd,
}

impl Poller {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { epoll: epoll::create(CreateFlags::CLOEXEC)? })
    }

    /// Watches `source` in both directions under `token`.
    pub(crate) fn add(&self, source: impl AsFd, token: u64) -> io::Result<()> {
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        Ok(epoll::add(&self.epoll, source, EventData::new_u64(token), flags)?)
    }

    /// Watches `source`, which can only be read, under `token`.
    pub(crate) fn add_readable(&self, source: impl AsFd, token: u64) -> io::Result<()> {
        let flags = EventFlags::IN | EventFlags::ET;
        Ok(epoll::add(&self.epoll, source, EventData::new_u64(token), flags)?)
    }

    /// Waits for events, at most `limit`; none waits without end.
    pub(crate) fn wait(&self, limit: Option<Duration>) -> io::Result<Vec<Ready>> {
        let timeout = limit.and_then(|limit| Timespec::try_from(limit).ok());
        let mut events = Vec::with_capacity(EVENTS_AT_ONCE);
        match epoll::wait(&self.epoll, spare_capacity(&mut events), timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(events.iter().map(ready).collect())
    }
}

fn ready(event: &Event) -> Ready {
    // Packed on some machines: copied out before use.
    let (flags, data) = (event.flags, event.data);
    let ended = flags.intersects(EventFlags::HUP | EventFlags::ERR);
    Ready {
        token: data.u64(),
        readable: ended || flags.intersects(EventFlags::IN | EventFlags::RDHUP),
        writable: ended || flags.contains(EventFlags::OUT),
    }
}

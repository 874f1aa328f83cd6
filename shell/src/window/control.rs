//! The control link to the root: file descriptor 3, a JSON object per line. Its end means that the root is gone.
use std::cell::RefCell;
use std::io::{ErrorKind, Write as _};
use std::os::fd::{BorrowedFd, FromRawFd as _, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

use gio::prelude::DataInputStreamExtManual as _;
use serde::Deserialize;
use serde_json::Value;

use crate::log;

const CONTROL_FD: RawFd = 3;
/// Longest line that is taken from the root.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// What the root may ask.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum Order {
    /// Close without asking the page.
    Close,
    /// Load the page again.
    Reload,
    /// Come to the front.
    Present,
    /// The hub is not coming back by itself; the words are for the title.
    Notice { text: String },
}

/// The link, or nothing when the window was started by hand.
#[derive(Debug)]
pub(crate) struct Control {
    writer: RefCell<Option<UnixStream>>,
}

impl Control {
    /// Takes over descriptor 3 when it is a socket. Call it first in `main`, before anything opens files.
    pub(crate) fn inherited() -> Rc<Self> {
        // SAFETY: the descriptor is only looked at; when it is closed the call fails and nothing else is done.
        let borrowed = unsafe { BorrowedFd::borrow_raw(CONTROL_FD) };
        let is_socket = rustix::net::sockopt::socket_type(borrowed).is_ok();
        let writer = is_socket.then(|| {
            // SAFETY: nothing in this process has opened a descriptor yet, so 3 is the one the root passed to us.
            let fd = unsafe { OwnedFd::from_raw_fd(CONTROL_FD) };
            UnixStream::from(fd)
        });
        if let Some(stream) = &writer {
            let flags = rustix::io::FdFlags::CLOEXEC;
            let _ = rustix::io::fcntl_setfd(stream, flags);
            drop(stream.set_nonblocking(true));
        }
        Rc::new(Self { writer: RefCell::new(writer) })
    }

    /// Sends one object. A root that does not read loses it: its own buffer is full of ours.
    pub(crate) fn send(&self, event: &Value) {
        let mut writer = self.writer.borrow_mut();
        let Some(stream) = writer.as_mut() else { return };
        let line = format!("{event}\n");
        match stream.write_all(line.as_bytes()) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => *writer = None,
            Err(error) => log::line(&format!("the root did not take {event}: {error}")),
        }
    }

    /// Calls `on_order` for each line, and once with `None` when the root is gone. Not called without a root.
    pub(crate) fn listen(&self, on_order: impl Fn(Option<Order>) + 'static) {
        let Some(reader) = self.writer.borrow().as_ref().and_then(|s| s.try_clone().ok()) else {
            return;
        };
        // SAFETY: the clone is an open descriptor that nothing else owns; the stream closes it.
        let stream = unsafe { gio::UnixInputStream::take_fd(OwnedFd::from(reader)) };
        let lines = gio::DataInputStream::new(&stream);
        glib::MainContext::default().spawn_local(async move {
            loop {
                match lines.read_line_utf8_future(glib::Priority::DEFAULT).await {
                    Ok(Some(line)) if line.len() <= LINE_BYTES_MAX => {
                        match serde_json::from_str(&line) {
                            Ok(order) => on_order(Some(order)),
                            Err(error) => {
                                log::line(&format!("order {line:?} is not known: {error}"))
                            }
                        }
                    }
                    Ok(Some(line)) => log::line(&format!("order of {} bytes refused", line.len())),
                    Ok(None) | Err(_) => return on_order(None),
                }
            }
        });
    }
}

//! One link to the hub: a connected unix socket whose incoming bytes WebKit reads itself and to which the page's bytes
//! are written from the main loop, without blocking. Only the first frame, `hello`, is made here.
//!
//! No thread moves bytes: WebKit takes them on the main loop in any case, so a thread would only add a copy and a wake.
use std::cell::Cell;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::rc::Rc;

use bulkhead_wire::{
    Frame, Hello, Kind, PROTOCOL_VERSION, SOCKET_PATH_BYTES_MAX, encode, read_token,
};
use gio::prelude::{Cast, IOStreamExt, ObjectExt, OutputStreamExtManual, SocketExt};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

/// A link after its hello. The hub sees its end when [`Link::end`] is called or WebKit drops the incoming stream.
#[derive(Debug, Clone)]
pub(crate) struct Link(Rc<Ends>);

#[derive(Debug)]
struct Ends {
    socket: gio::Socket,
    connection: gio::SocketConnection,
    /// A POST is being written: a second one would cut into its frames.
    sending: Cell<bool>,
}

impl Link {
    /// Connects `hub.sock`, says hello, and gives the stream of the hub's bytes for WebKit.
    ///
    /// # Errors
    /// When the hub is away or does not accept, or the token cannot be read.
    pub(crate) fn open(runtime_dir: &Path) -> io::Result<(Self, gio::InputStream)> {
        let fd = connect(&runtime_dir.join("hub.sock"))?;
        let frame = hello(&runtime_dir.join("token"))?;
        let sent = rustix::io::write(&fd, &frame)?;
        if sent != frame.len() {
            return Err(io::Error::new(io::ErrorKind::WriteZero, "the hub took a part of hello"));
        }
        let reader = fd.try_clone()?;
        // SAFETY: `fd` is an open socket that nothing else owns; the new GSocket becomes its only owner.
        let socket = unsafe { gio::Socket::from_fd(fd) }.map_err(io::Error::other)?;
        // SAFETY: `reader` is an open descriptor that nothing else owns; the stream closes it.
        let incoming = unsafe { gio::UnixInputStream::take_fd(reader) };
        let connection = socket.connection_factory_create_connection();
        let link = Self(Rc::new(Ends { socket, connection, sending: Cell::new(false) }));
        let abandoned = link.clone();
        drop(incoming.add_weak_ref_notify_local(move || abandoned.end()));
        Ok((link, incoming.upcast()))
    }

    /// Whether bytes are on their way to the hub.
    pub(crate) fn is_sending(&self) -> bool {
        self.0.sending.get()
    }

    /// Writes `bytes` in full.
    ///
    /// # Errors
    /// When the link is gone.
    pub(crate) async fn send(&self, bytes: Vec<u8>) -> Result<(), String> {
        self.0.sending.set(true);
        let output = self.0.connection.output_stream();
        let result = output.write_all_future(bytes, glib::Priority::DEFAULT).await;
        self.0.sending.set(false);
        match result {
            Ok((_, _, None)) => Ok(()),
            Ok((_, written, Some(error))) => Err(format!("after {written} bytes: {error}")),
            Err((_, error)) => Err(error.to_string()),
        }
    }

    /// Ends both directions: the page's response ends, the hub cancels what was under way. Idempotent.
    pub(crate) fn end(&self) {
        // An error here means that the other side was faster.
        drop(self.0.socket.shutdown(true, true));
    }
}

fn connect(path: &Path) -> io::Result<OwnedFd> {
    let bytes = path.as_os_str().len();
    if bytes > SOCKET_PATH_BYTES_MAX {
        let text = format!(
            "socket path {} has {bytes} bytes, at most {SOCKET_PATH_BYTES_MAX}",
            path.display()
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let fd = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::net::connect(&fd, &SocketAddrUnix::new(path)?)?;
    Ok(fd)
}

fn hello(token: &Path) -> io::Result<Vec<u8>> {
    let hello = Hello {
        protocol: u64::from(PROTOCOL_VERSION),
        name: "ui".to_owned(),
        pid: u64::from(std::process::id()),
        token: Some(read_token(token)?.to_vec().into()),
    };
    let payload = encode(&hello).map_err(|error| io::Error::other(error.to_string()))?;
    let mut frame = Frame::new(Kind::Hello).payload(payload);
    frame.header.sequence = 1;
    Ok(frame.encode())
}

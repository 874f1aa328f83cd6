//! Starts the program of a new session.

use std::os::fd::AsFd;

use bulkhead_wire::WireError;

use super::messages::{Create, Created};
use super::ring::{RING_BYTES_MIN, Ring};
use super::session::{Parts, Session};
use super::shortage::{no_terminal, room_for_session, words};
use super::terminal::{Size, Terminal};
use super::{Keeper, token};
use crate::log;
use crate::program::Program;
use crate::spawn::{SpawnError, Stage, Standard, spawn};

/// Sessions at once, ended ones included.
const SESSIONS_MAX: usize = 256;
/// Bytes a client may leave with a session.
pub(super) const META_BYTES_MAX: usize = 16 * 1024;
const CELLS_MAX: u64 = 2_000;

impl Keeper {
    pub(super) fn create(&mut self, request: Create) -> Result<Created, WireError> {
        if self.sessions.len() >= SESSIONS_MAX || self.stop_by.is_some() {
            let text = format!("{} sessions, at most {SESSIONS_MAX}", self.sessions.len());
            return Err(WireError::new("keeper/session-limit", text));
        }
        check_meta(&request.meta)?;
        let size = check_size(request.cols, request.rows)?;
        let program = Program::new(&request.argv, &request.env, &request.cwd)?;
        let opened = room_for_session().and_then(|()| Terminal::open(size));
        let (terminal, program_side) = opened.map_err(no_terminal)?;
        if !self.budget.take(RING_BYTES_MIN) {
            let text = format!("rings hold {} bytes, the bound", self.budget.used());
            return Err(WireError::new("keeper/session-limit", text));
        }
        let number = self.last_session.wrapping_add(1);
        let started = spawn(&program, Standard::Terminal(program_side.as_fd()))
            .map_err(|error| refused(error, &request));
        let watched = started.and_then(|child| {
            let key = u64::from(number);
            self.poller
                .add(&terminal, token::TERMINAL | key)
                .and_then(|()| self.poller.add_readable(&child.pidfd, token::PROGRAM | key))
                .map(|()| child)
                .map_err(|error| WireError::new("keeper/session-limit", error.to_string()))
        });
        let child = watched.inspect_err(|_| self.budget.give(RING_BYTES_MIN))?;
        self.last_session = number;
        let id = format!("{}-{number}", self.prefix);
        let pid = child.pid.as_raw_nonzero().get();
        log::info(format_args!("session {id} started, pid {pid}"));
        let parts = Parts {
            id: id.clone(),
            argv: request.argv,
            size,
            meta: request.meta.into_vec(),
            pid: child.pid,
            pidfd: child.pidfd,
            terminal,
            ring: Ring::starting_at(self.settings.first_offset, RING_BYTES_MIN),
            protected_until: self.now.plus_ms(self.settings.protect_ms),
        };
        self.sessions.insert(number, Session::new(parts, self.now));
        Ok(Created { session: id, pid })
    }
}

pub(super) fn check_size(cols: u64, rows: u64) -> Result<Size, WireError> {
    let cells = |value: u64| u16::try_from(value).ok().filter(|_| (1..=CELLS_MAX).contains(&value));
    match (cells(cols), cells(rows)) {
        (Some(cols), Some(rows)) => Ok(Size { cols, rows }),
        _ => {
            let text = format!("{cols} columns and {rows} rows, 1 to {CELLS_MAX} each");
            Err(WireError::new("bus/invalid", text))
        }
    }
}

pub(super) fn check_meta(meta: &[u8]) -> Result<(), WireError> {
    if meta.len() <= META_BYTES_MAX {
        return Ok(());
    }
    let text = format!("meta of {} bytes is over {META_BYTES_MAX}", meta.len());
    Err(WireError::new("bus/invalid", text))
}

fn refused(error: SpawnError, request: &Create) -> WireError {
    let program = request.argv.first().map_or("", String::as_str);
    let errno = error.errno;
    let (code, value, what) = match error.stage {
        Stage::Exec => ("keeper/not-found", program, "cannot be run"),
        Stage::Folder => ("keeper/no-folder", request.cwd.as_str(), "cannot be entered"),
        Stage::Fork => ("keeper/session-limit", program, "cannot be started"),
        Stage::Setup => ("bus/internal", program, "cannot be set up"),
    };
    WireError::new(code, format!("{value} {what}: {}", words(errno)))
        .with(value, Some(errno.raw_os_error()))
}

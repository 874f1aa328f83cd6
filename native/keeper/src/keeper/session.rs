//! One terminal: program, ring, reader, writers and how it ends.
//!
//! ```text
//! running --pidfd--> exited --read to EIO--> drained: Exit is told, terminal closed
//! ```

use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::process::{Pid, Signal};

use super::disuse::Disuse;
use super::input::{Grant, Input};
use super::messages::{Checkpoint, CheckpointRow, SessionRow};
use super::reader::{Reader, StreamId};
use super::ring::{Ring, RingBudget};
use super::terminal::{Size, Terminal};
use crate::clock::{Moment, wall_ms};
use crate::process_table::{Process, folder, name, processes, signal_session};
use crate::wait::{self, Exit};

/// Read of one terminal before the next one has its turn, and so the largest frame.
pub(crate) const PIECE_BYTES: usize = 64 * 1024;
/// With a reader, this much is read beyond what was sent to it: less to come after Ctrl+C than a whole ring.
const READ_AHEAD_BYTES: u64 = 256 * 1024;
/// A terminal that hung up while its program lives may be opened again by it.
const HANG_UP_RETRY_MS: u64 = 100;
/// After the program's end others may hold the terminal open; then its end is told anyway.
const DRAIN_MS: u64 = 2_000;
/// Fallback if the kernel did not tell that a terminal takes keys again.
const WRITE_RETRY_MS: u64 = 100;

/// Programs that do nothing by themselves.
const SHELLS: [&str; 14] = [
    "sh", "bash", "dash", "ash", "zsh", "fish", "ksh", "mksh", "csh", "tcsh", "nu", "elvish",
    "xonsh", "pwsh",
];

/// What a session is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) id: String,
    pub(crate) argv: Vec<String>,
    pub(crate) size: Size,
    pub(crate) meta: Vec<u8>,
    pub(crate) pid: Pid,
    pub(crate) pidfd: OwnedFd,
    pub(crate) terminal: Terminal,
    pub(crate) ring: Ring,
    /// Until when unread output waits for the creator to attach.
    pub(crate) protected_until: Moment,
}

/// A terminal and its program.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) argv: Vec<String>,
    pub(crate) meta: Vec<u8>,
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) ring: Ring,
    pub(crate) reader: Reader,
    pub(crate) input: Input,
    /// When output was last sent, for joining small pieces.
    pub(crate) last_sent: Moment,
    size: Size,
    disuse: Disuse,
    pid: Pid,
    pidfd: Option<OwnedFd>,
    terminal: Option<Terminal>,
    created_ms: u64,
    started: Moment,
    is_readable: bool,
    is_writable: bool,
    retry_read: Option<Moment>,
    retry_write: Option<Moment>,
    /// Set when the program has ended, and until when the rest is waited for.
    exited: Option<(Exit, Moment)>,
    exit: Option<Exit>,
    kill_at: Option<Moment>,
}

impl Session {
    pub(crate) fn new(parts: Parts, now: Moment) -> Self {
        let reader = Reader::expected(parts.ring.tail(), parts.protected_until);
        Self {
            id: parts.id,
            argv: parts.argv,
            meta: parts.meta,
            checkpoint: None,
            ring: parts.ring,
            reader,
            input: Input::default(),
            last_sent: Moment::default(),
            size: parts.size,
            disuse: Disuse::new(now),
            pid: parts.pid,
            pidfd: Some(parts.pidfd),
            terminal: Some(parts.terminal),
            created_ms: wall_ms(),
            started: now,
            is_readable: true,
            is_writable: true,
            retry_read: None,
            retry_write: None,
            exited: None,
            exit: None,
            kill_at: None,
        }
    }

    /// The kernel told something of the terminal.
    pub(crate) const fn wake(&mut self, readable: bool, writable: bool) {
        self.is_readable |= readable;
        self.is_writable |= writable;
    }

    /// How it ended; none before the last byte was read.
    pub(crate) const fn exit(&self) -> Option<Exit> {
        self.exit
    }

    /// Nothing of the program runs any more, and nothing of its output can be read without a reader.
    pub(crate) fn is_gone(&self) -> bool {
        self.exited.is_some() && self.kill_at.is_none() && !self.can_read()
    }

    /// Kills at once what an end gave time to.
    pub(crate) fn kill_rest(&mut self) {
        if self.kill_at.is_some() {
            self.kill();
        }
    }

    /// Reads until nothing is left, one piece is full or there is no room. True when it read something.
    pub(crate) fn read_output(&mut self, budget: &mut RingBudget, now: Moment) -> bool {
        let Some(terminal) = &self.terminal else { return false };
        let mut piece = [0; PIECE_BYTES];
        let mut read = 0;
        while self.is_readable && read < PIECE_BYTES {
            self.ring.grow(budget);
            let room = self.room().min(PIECE_BYTES - read);
            if room == 0 {
                break;
            }
            match terminal.read(&mut piece[..room]) {
                Ok(bytes) if bytes > 0 => {
                    self.ring.append(&piece[..bytes]);
                    read += bytes;
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.is_readable = false,
                _ => {
                    self.hung_up(now);
                    break;
                }
            }
        }
        read > 0
    }

    /// Whether reading could go on at once.
    pub(crate) fn can_read(&self) -> bool {
        self.terminal.is_some() && self.is_readable && self.room() > 0
    }

    /// Bytes that may be read from the terminal now.
    fn room(&self) -> usize {
        // Until the next reader comes, all that rebuilds its screen is kept: the checkpoint and what follows it.
        let screen = self.checkpoint.as_ref().map(|checkpoint| checkpoint.offset);
        let kept = screen.filter(|offset| *offset >= self.ring.tail());
        room(&self.ring, &self.reader, kept)
    }

    /// Writes waiting keys until the terminal takes no more; whom to grant what.
    pub(crate) fn write_input(&mut self, now: Moment) -> Vec<Grant> {
        let mut grants: Vec<Grant> = Vec::new();
        let Some(terminal) = &self.terminal else { return grants };
        while self.is_writable {
            let Some(bytes) = self.input.next_bytes() else { break };
            match terminal.write(bytes) {
                Ok(written) => {
                    let Some(grant) = self.input.written(written) else { continue };
                    match grants.last_mut().filter(|last| last.stream == grant.stream) {
                        Some(last) => last.bytes += grant.bytes,
                        None => grants.push(grant),
                    }
                }
                Err(Errno::INTR) => {}
                Err(_) => {
                    self.is_writable = false;
                    self.retry_write = Some(now.plus_ms(WRITE_RETRY_MS));
                }
            }
        }
        grants
    }

    /// Notes the program's end. It is let go at once, unless its number must stay taken until the rest of it is killed.
    pub(crate) fn note_exit(&mut self, now: Moment) {
        let Some(pidfd) = self.pidfd.as_ref().filter(|_| self.exited.is_none()) else { return };
        let Some(ended) = wait::peek(pidfd.as_fd()) else { return };
        let ran_ms = u64::try_from(now.since(self.started).as_millis()).unwrap_or(u64::MAX);
        let exit = Exit { code: ended.code, signal: ended.signal, ran_ms };
        self.exited = Some((exit, now.plus_ms(DRAIN_MS)));
        self.is_readable = true;
        if self.kill_at.is_some() && !self.has_members() {
            self.kill_at = None;
        }
        if self.kill_at.is_none() {
            self.let_go();
        }
    }

    /// Runs what is due; see [`Session::deadline`].
    pub(crate) fn tick(&mut self, now: Moment) {
        self.reader.tick(now);
        self.disuse.look(self.reader.attached().is_some(), now);
        if self.retry_read.is_some_and(|at| at <= now) {
            self.retry_read = None;
            self.is_readable = true;
        }
        if self.retry_write.is_some_and(|at| at <= now) {
            self.retry_write = None;
            self.is_writable = true;
        }
        if self.kill_at.is_some_and(|at| at <= now) {
            self.kill();
        }
        if self.exited.is_some_and(|(_, until)| until <= now)
            && !self.can_read()
            && !self.is_readable
        {
            self.finish();
        }
    }

    /// When [`Session::tick`] has something to do.
    pub(crate) fn deadline(&self, unused_ms: u64) -> Option<Moment> {
        let drain = self.exited.filter(|_| self.terminal.is_some()).map(|(_, until)| until);
        let drain = drain.filter(|_| !self.is_readable);
        let write = self.retry_write.filter(|_| self.input.next_bytes().is_some());
        let unused = self.disuse.over_at(unused_ms).filter(|_| self.may_go_unused());
        let all = [self.reader.deadline(), self.retry_read, write, self.kill_at, drain, unused];
        all.into_iter().flatten().min()
    }

    /// Whether nobody was attached for `limit_ms` and it has no job; asked again, not before that time has passed once more.
    pub(crate) fn is_unused(&mut self, limit_ms: u64, now: Moment) -> bool {
        if !self.may_go_unused() || self.disuse.over_at(limit_ms).is_none_or(|at| at > now) {
            return false;
        }
        self.disuse.renew(now);
        !self.has_jobs()
    }

    /// Hangs up on everything in the session now and kills the rest after `grace_ms`.
    pub(crate) fn end(&mut self, grace_ms: u64, now: Moment) {
        if self.exited.is_some() && self.kill_at.is_none() {
            return;
        }
        let session = self.pid.as_raw_nonzero().get();
        signal_session(session, Signal::HUP);
        // A stopped program would never see the hang-up.
        signal_session(session, Signal::CONT);
        let at = now.plus_ms(grace_ms);
        self.kill_at = Some(self.kill_at.map_or(at, |before| before.min(at)));
    }

    /// Changes the size; the program gets SIGWINCH.
    pub(crate) fn resize(&mut self, size: Size) -> Result<(), Errno> {
        self.size = size;
        self.terminal.as_ref().map_or(Ok(()), |terminal| terminal.resize(size))
    }

    /// The shell's own group.
    pub(crate) const fn shell_group(&self) -> Pid {
        self.pid
    }

    /// The group in the foreground.
    pub(crate) fn foreground(&self) -> Option<Pid> {
        self.terminal.as_ref().and_then(Terminal::foreground)
    }

    /// Whether its program still runs and its terminal is open.
    pub(crate) const fn is_running(&self) -> bool {
        self.exited.is_none() && self.terminal.is_some()
    }

    /// What `session.list` tells.
    pub(crate) fn row(&self) -> SessionRow {
        let pid = self.pid.as_raw_nonzero().get();
        SessionRow {
            session: self.id.clone(),
            pid,
            argv: self.argv.clone(),
            cols: self.size.cols,
            rows: self.size.rows,
            created_ms: self.created_ms,
            exit: self.exit,
            tail: self.ring.tail(),
            head: self.ring.head(),
            read: self.reader.consumed(),
            checkpoint: self.checkpoint.as_ref().map(checkpoint_row),
            attached: u8::from(self.reader.attached().is_some()),
            foreground: self.foreground().map_or(0, |pid| pid.as_raw_nonzero().get()),
            cwd: if self.is_running() { folder(pid) } else { String::new() },
            meta: self.meta.clone().into(),
        }
    }

    /// Streams that bring keys, to be reset: their terminal is gone.
    pub(crate) fn close_input(&mut self) -> Vec<StreamId> {
        self.input.clear()
    }

    fn may_go_unused(&self) -> bool {
        self.is_running() && self.kill_at.is_none()
    }

    /// Anything but the shell alone: a program in the background or in the shell's place is not to be lost either.
    fn has_jobs(&self) -> bool {
        let shell = self.pid.as_raw_nonzero().get();
        let beside = |row: &Process| row.session == shell && row.pid != shell && !row.is_zombie;
        !SHELLS.contains(&name(shell).as_str()) || processes().iter().any(beside)
    }

    fn has_members(&self) -> bool {
        let session = self.pid.as_raw_nonzero().get();
        processes().iter().any(|row| row.session == session && !row.is_zombie)
    }

    fn hung_up(&mut self, now: Moment) {
        self.is_readable = false;
        if self.exited.is_some() {
            self.finish();
        } else {
            self.retry_read = Some(now.plus_ms(HANG_UP_RETRY_MS));
        }
    }

    fn finish(&mut self) {
        self.terminal = None;
        self.exit = self.exited.map(|(exit, _)| exit);
    }

    fn kill(&mut self) {
        signal_session(self.pid.as_raw_nonzero().get(), Signal::KILL);
        self.kill_at = None;
        if self.exited.is_some() {
            self.let_go();
        }
    }

    fn let_go(&mut self) {
        if let Some(pidfd) = self.pidfd.take() {
            let _ended = wait::reap(pidfd.as_fd());
        }
    }
}

/// `screen`: offset of the screen that can still be rebuilt. A reader that is there renews it in time by itself.
fn room(ring: &Ring, reader: &Reader, screen: Option<u64>) -> usize {
    let protected = match (reader.protected(), reader.attached(), screen) {
        (Some(consumed), None, Some(screen)) => Some(consumed.min(screen)),
        (protected, ..) => protected,
    };
    // Filled up first: a full ring may grow, and only one that cannot overwrites what was consumed.
    let room = match ring.room(Some(ring.tail())) {
        0 => ring.room(protected),
        free => free,
    };
    let Some(attached) = reader.attached() else { return room };
    let ahead = READ_AHEAD_BYTES.saturating_sub(ring.head() - attached.sent);
    room.min(usize::try_from(ahead).unwrap_or(usize::MAX))
}

fn checkpoint_row(checkpoint: &Checkpoint) -> CheckpointRow {
    let Checkpoint { offset, cols, rows, .. } = *checkpoint;
    CheckpointRow { offset, cols, rows, bytes: checkpoint.blob.len() }
}

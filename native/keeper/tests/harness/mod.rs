//! A real keeper in a folder of its own, and a client that keeps what it did not ask for.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

pub(crate) mod hub;

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bulkhead_wire::{
    Client, ClientError, Frame, Identity, Kind, Lane, WireError, decode, encode, flag,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// No test waits longer for one thing.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A folder as the keeper wants it, removed with this value.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("bulkhead-test-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A keeper process; ended with this value.
pub(crate) struct Keeper {
    pub(crate) process: Child,
    pub(crate) folder: Folder,
}

impl Keeper {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(variables: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let command = keeper_command(&folder);
        Self::start_by(folder, command, variables)
    }

    /// A keeper at the end of a shell's `script`, which has it as `$@`.
    pub(crate) fn start_after(script: &str) -> Self {
        let folder = Folder::new();
        let keeper = keeper_command(&folder);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, "sh"]).arg(keeper.get_program()).args(keeper.get_args());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Self::start_by(folder, command, &[])
    }

    fn start_by(folder: Folder, mut command: Command, variables: &[(&str, &str)]) -> Self {
        let log = fs::File::create(folder.0.join("keeper.log")).unwrap();
        let process = command.envs(variables.iter().copied()).stderr(log).spawn().unwrap();
        let keeper = Self { process, folder };
        until("the keeper's socket", || keeper.folder.0.join("keeper-1.sock").exists());
        keeper
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.0.join("keeper.log")).unwrap()
    }

    pub(crate) fn token(&self) -> [u8; 32] {
        bulkhead_wire::read_token(&self.folder.0.join("keeper-1.token")).unwrap()
    }

    pub(crate) fn client(&self) -> Peer {
        self.try_client(&self.token()).unwrap()
    }

    pub(crate) fn try_client(&self, token: &[u8; 32]) -> Result<Peer, ClientError> {
        let who = Identity { name: "test", token: Some(token) };
        let client = Client::connect(&self.folder.0.join("keeper-1.sock"), who, LIMIT)?;
        Ok(Peer { client, stash: VecDeque::new(), correlation: 0 })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // An orderly end also ends the shells.
        if let Ok(mut peer) = self.try_client(&self.token_or_zero()) {
            let _ = peer.try_call::<_, Nothing>("keeper.shutdown", &Nothing {});
            let until = Instant::now() + LIMIT;
            while Instant::now() < until && matches!(self.process.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Keeper {
    fn token_or_zero(&self) -> [u8; 32] {
        bulkhead_wire::read_token(&self.folder.0.join("keeper-1.token")).unwrap_or_default()
    }
}

pub(crate) fn keeper_command(folder: &Folder) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead-keeper"));
    command.arg("--runtime-dir").arg(&folder.0).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Waits for a condition, at most [`LIMIT`].
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Resident memory of a process, bytes.
pub(crate) fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Nothing {}

#[derive(Debug, Serialize)]
pub(crate) struct Create {
    pub(crate) argv: Vec<String>,
    pub(crate) cwd: String,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) cols: u32,
    pub(crate) rows: u32,
    pub(crate) meta: ByteBuf,
}

impl Create {
    pub(crate) fn shell(script: &str) -> Self {
        Self::program(&["/bin/sh", "-c", script])
    }

    pub(crate) fn program(argv: &[&str]) -> Self {
        let argv = argv.iter().map(ToString::to_string).collect();
        let env = [("PATH", "/usr/bin:/bin"), ("TERM", "xterm"), ("MARK", "here")];
        let env = env.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Self { argv, cwd: "/".to_owned(), env, cols: 80, rows: 24, meta: ByteBuf::new() }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Created {
    pub(crate) session: String,
    pub(crate) pid: i32,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exit {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) ran_ms: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) session: String,
    pub(crate) pid: i32,
    pub(crate) cols: u32,
    pub(crate) exit: Option<Exit>,
    pub(crate) tail: u64,
    pub(crate) head: u64,
    pub(crate) read: u64,
    pub(crate) attached: u32,
    pub(crate) foreground: i32,
    pub(crate) cwd: String,
    pub(crate) meta: ByteBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Rows {
    pub(crate) sessions: Vec<Row>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Accept {
    pub(crate) offset: u64,
    #[serde(default)]
    pub(crate) gap: u64,
    #[serde(default)]
    pub(crate) head: u64,
}

/// The input of `session.end`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct End<'a> {
    pub(crate) session: &'a str,
    pub(crate) grace_ms: u32,
}

#[derive(Debug, Serialize)]
pub(crate) struct Of<'a> {
    pub(crate) session: &'a str,
}

/// A stream that was accepted.
pub(crate) struct Stream {
    pub(crate) correlation: u32,
    pub(crate) accept: Accept,
    /// Credit of the accept: what we may send.
    pub(crate) credit: u32,
}

/// A connected client.
pub(crate) struct Peer {
    pub(crate) client: Client,
    stash: VecDeque<Frame>,
    correlation: u32,
}

impl Peer {
    pub(crate) fn create(&mut self, create: &Create) -> Created {
        self.call("session.create", create)
    }

    pub(crate) fn row(&mut self, session: &str) -> Row {
        let rows: Rows = self.call("session.list", &Nothing {});
        rows.sessions.into_iter().find(|row| row.session == session).unwrap()
    }

    pub(crate) fn call<I: Serialize, O: DeserializeOwned>(
        &mut self,
        subject: &str,
        input: &I,
    ) -> O {
        self.try_call(subject, input).unwrap()
    }

    pub(crate) fn try_call<I: Serialize, O: DeserializeOwned>(
        &mut self,
        subject: &str,
        input: &I,
    ) -> Result<O, WireError> {
        let correlation = self.next();
        let frame = Frame::new(Kind::Request).subject(subject).payload(encode(input).unwrap());
        self.send(frame.correlation(correlation));
        let answer = self.wait_for(|frame| {
            frame.header.correlation == correlation
                && matches!(frame.header.kind, Kind::Reply | Kind::Error)
        });
        match answer.header.kind {
            Kind::Reply => Ok(decode(&answer.payload).unwrap()),
            _ => Err(decode(&answer.payload).unwrap()),
        }
    }

    pub(crate) fn attach(&mut self, session: &str, offset: u64, credit: u32) -> Stream {
        #[derive(Serialize)]
        struct Attach<'a> {
            session: &'a str,
            offset: u64,
        }
        self.open("session.attach", &Attach { session, offset }, (credit, Lane::Data)).unwrap()
    }

    pub(crate) fn input(&mut self, session: &str, writer: &str) -> Stream {
        self.input_in(session, writer, Lane::Data).unwrap()
    }

    pub(crate) fn input_in(
        &mut self,
        session: &str,
        writer: &str,
        lane: Lane,
    ) -> Result<Stream, WireError> {
        #[derive(Serialize)]
        struct Input<'a> {
            session: &'a str,
            writer: &'a str,
        }
        self.open("session.input", &Input { session, writer }, (0, lane))
    }

    pub(crate) fn open<I: Serialize>(
        &mut self,
        subject: &str,
        input: &I,
        (credit, lane): (u32, Lane),
    ) -> Result<Stream, WireError> {
        let correlation = self.next();
        let frame = Frame::new(Kind::Open).subject(subject).payload(encode(input).unwrap());
        self.send(frame.correlation(correlation).position(credit).flags(flag::OPENER).lane(lane));
        let answer = self.wait_for(|frame| {
            frame.header.correlation == correlation
                && (frame.header.has(flag::ACCEPT) || frame.header.kind == Kind::Reset)
        });
        if answer.header.kind == Kind::Reset {
            return Err(decode(&answer.payload).unwrap());
        }
        let accept = decode(&answer.payload).unwrap();
        Ok(Stream { correlation, accept, credit: answer.header.position })
    }

    pub(crate) fn credit(&mut self, stream: &Stream, bytes: u32) {
        let frame = Frame::new(Kind::Credit).correlation(stream.correlation).position(bytes);
        self.send(frame.flags(flag::OPENER));
    }

    pub(crate) fn data(&mut self, stream: &Stream, position: u32, bytes: &[u8]) {
        let frame = Frame::new(Kind::Data).correlation(stream.correlation).position(position);
        self.send(frame.flags(flag::OPENER).raw(bytes.to_vec()));
    }

    /// The next frame of a stream.
    pub(crate) fn of(&mut self, stream: &Stream) -> Frame {
        let correlation = stream.correlation;
        self.wait_for(|frame| frame.header.correlation == correlation)
    }

    /// Reads to the end, granting what came; the bytes and the Exit.
    pub(crate) fn read_all(&mut self, stream: &Stream) -> (Vec<u8>, Exit) {
        let mut bytes = Vec::new();
        loop {
            let frame = self.of(stream);
            match frame.header.kind {
                Kind::Data => {
                    assert_eq!(frame.header.position, bytes.len() as u32, "no hole in the stream");
                    bytes.extend_from_slice(&frame.payload);
                    self.credit(stream, frame.payload.len() as u32);
                }
                Kind::End => return (bytes, decode(&frame.payload).unwrap()),
                kind => panic!("{kind:?} on an output stream: {:?}", frame.payload),
            }
        }
    }

    /// Reads, granting what came, until the bytes hold `text`.
    pub(crate) fn read_until(&mut self, stream: &Stream, text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains(text) {
            let frame = self.of(stream);
            assert_eq!(frame.header.kind, Kind::Data, "before {text:?}: {bytes:?}");
            bytes.extend_from_slice(&frame.payload);
            self.credit(stream, frame.payload.len() as u32);
        }
        bytes
    }

    pub(crate) fn send(&mut self, frame: Frame) {
        self.client.send(&frame, Instant::now() + LIMIT).unwrap();
    }

    /// The next frame that fits, stashed ones first.
    pub(crate) fn wait_for(&mut self, fits: impl Fn(&Frame) -> bool) -> Frame {
        self.wait_within(LIMIT, fits).expect("a frame within the limit")
    }

    pub(crate) fn wait_within(
        &mut self,
        limit: Duration,
        fits: impl Fn(&Frame) -> bool,
    ) -> Option<Frame> {
        if let Some(index) = self.stash.iter().position(&fits) {
            return self.stash.remove(index);
        }
        let end = Instant::now() + limit;
        loop {
            match self.client.receive(end) {
                Ok(frame) if fits(&frame) => return Some(frame),
                Ok(frame) => self.stash.push_back(frame),
                Err(ClientError::TimedOut(_)) => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub(crate) fn next(&mut self) -> u32 {
        self.correlation += 1;
        self.correlation
    }
}

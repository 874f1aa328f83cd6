//! Plays the hub for a real runner on a socketpair.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use bulkhead_wire::{
    Decoder, FRAME_BYTES_MAX, Frame, Hello, Kind, Outbox, Ready, Step, WireError, decode, encode,
    flag,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{LIMIT, until};

/// Address of the actor that asks, and of the runner.
const CALLER: u32 = 7;

#[derive(Debug, Serialize)]
pub(crate) struct Spawn {
    pub(crate) argv: Vec<String>,
    pub(crate) cwd: String,
    pub(crate) env: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
}

/// Stands for the launcher.
pub(crate) const LAUNCHER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/harness/launcher.sh");

impl Spawn {
    pub(crate) fn shell(script: &str) -> Self {
        let words = [LAUNCHER, "--profile", "git-read", "--", "/bin/sh", "-c", script];
        let argv = words.iter().map(ToString::to_string).collect();
        let env = [("PATH".to_owned(), "/usr/bin:/bin".to_owned())].into();
        Self { argv, cwd: "/".to_owned(), env, profile: None }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Spawned {
    pub(crate) program: String,
    pub(crate) pid: i32,
}

#[derive(Debug, Serialize)]
pub(crate) struct OfProgram<'a> {
    pub(crate) program: &'a str,
}

/// The runner's process and the hub's end of its link.
pub(crate) struct Hub {
    pub(crate) process: Child,
    link: Option<UnixStream>,
    decoder: Decoder,
    outbox: Outbox,
    received: u32,
    stash: VecDeque<Frame>,
    correlation: u32,
    /// Address and principal of whoever asks next.
    pub(crate) caller: (u32, Option<&'static str>),
}

impl Hub {
    /// Starts a runner and brings it to ready.
    pub(crate) fn start() -> Self {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead-keeper"));
        command
            .args(["--runner", "--launcher", LAUNCHER])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let descriptor = OwnedFd::from(theirs);
        let pass = move || {
            // SAFETY: dup2 is async-signal-safe and only takes numbers.
            let made = unsafe { libc::dup2(descriptor.as_raw_fd(), 3) };
            if made == 3 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        };
        // SAFETY: `pass` makes one system call and allocates nothing.
        unsafe { command.pre_exec(pass) };
        let process = command.spawn().unwrap();
        drop(command);
        ours.set_read_timeout(Some(LIMIT)).unwrap();
        let mut hub = Self {
            process,
            link: Some(ours),
            decoder: Decoder::default(),
            outbox: Outbox::new(FRAME_BYTES_MAX),
            received: 0,
            stash: VecDeque::new(),
            correlation: 0,
            caller: (CALLER, Some("person")),
        };
        let hello = hub.wait_for(|frame| frame.header.kind == Kind::Hello);
        assert_eq!(decode::<Hello>(&hello.payload).unwrap().name, "runner");
        let ready = Ready {
            protocol: 1,
            id: 3,
            name: "runner".to_owned(),
            epoch: 1,
            hub_epoch: 1,
            frame_bytes_max: FRAME_BYTES_MAX as u64,
        };
        hub.send(Frame::new(Kind::Ready).payload(encode(&ready).unwrap()));
        hub.wait_for(|frame| frame.header.kind == Kind::Ready);
        hub
    }

    /// Descriptors the runner holds now.
    pub(crate) fn descriptors(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.process.id());
        std::fs::read_dir(folder).map_or(0, Iterator::count)
    }

    pub(crate) fn send(&mut self, mut frame: Frame) {
        let (source, principal) = self.caller;
        frame.header.source = source;
        if let (Kind::Request | Kind::Open, Some(principal)) = (frame.header.kind, principal) {
            frame = frame.principal(principal);
        }
        frame.header.epoch = 5;
        self.outbox.push(&frame).unwrap();
        loop {
            let bytes = self.outbox.next_bytes().to_vec();
            if bytes.is_empty() {
                return;
            }
            self.link.as_mut().unwrap().write_all(&bytes).unwrap();
            self.outbox.advance(bytes.len());
        }
    }

    pub(crate) fn wait_for(&mut self, fits: impl Fn(&Frame) -> bool) -> Frame {
        if let Some(index) = self.stash.iter().position(&fits) {
            return self.stash.remove(index).unwrap();
        }
        let end = Instant::now() + LIMIT;
        loop {
            while let Step::Frame(frame) = self.decoder.step().unwrap() {
                self.received += 1;
                assert_eq!(frame.header.sequence, self.received);
                if fits(&frame) {
                    return frame;
                }
                self.stash.push_back(frame);
            }
            assert!(Instant::now() < end, "waited in vain for a frame");
            let mut piece = [0; 65_536];
            let bytes = self.link.as_mut().unwrap().read(&mut piece).unwrap();
            assert!(bytes > 0, "the runner closed the link");
            self.decoder.feed(&piece[..bytes]);
        }
    }

    pub(crate) fn call<I: Serialize, O: DeserializeOwned>(
        &mut self,
        subject: &str,
        input: &I,
    ) -> Result<O, WireError> {
        let correlation = self.next();
        let frame = Frame::new(Kind::Request).subject(subject).correlation(correlation);
        self.send(frame.payload(encode(input).unwrap()));
        self.wait_for(|frame| {
            frame.header.kind == Kind::Ack && frame.header.correlation == correlation
        });
        let answer = self.wait_for(|frame| frame.header.correlation == correlation);
        assert_eq!((answer.header.destination, answer.header.epoch), (self.caller.0, 5));
        match answer.header.kind {
            Kind::Reply => Ok(decode(&answer.payload).unwrap()),
            _ => Err(decode(&answer.payload).unwrap()),
        }
    }

    pub(crate) fn spawn(&mut self, script: &str) -> Spawned {
        self.call("runner.spawn", &Spawn::shell(script)).unwrap()
    }

    /// Opens a stream; its correlation and the credit we got.
    pub(crate) fn open(&mut self, subject: &str, program: &str, credit: u32) -> (u32, u32) {
        let correlation = self.next();
        let frame = Frame::new(Kind::Open).subject(subject).correlation(correlation);
        let frame = frame.payload(encode(&OfProgram { program }).unwrap());
        self.send(frame.position(credit).flags(flag::OPENER));
        let answer = self.wait_for(|frame| frame.header.correlation == correlation);
        assert!(answer.header.has(flag::ACCEPT), "{:?}", answer.header);
        (correlation, answer.header.position)
    }

    /// Reads a stream to its end, granting what came.
    pub(crate) fn read_all(&mut self, correlation: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            let frame = self.wait_for(|frame| frame.header.correlation == correlation);
            match frame.header.kind {
                Kind::Data => {
                    assert_eq!(frame.header.position, bytes.len() as u32);
                    bytes.extend_from_slice(&frame.payload);
                    let credit = Frame::new(Kind::Credit).correlation(correlation);
                    let granted = u32::try_from(frame.payload.len()).unwrap();
                    self.send(credit.position(granted).flags(flag::OPENER));
                }
                Kind::End => return bytes,
                kind => panic!("{kind:?} on an output stream"),
            }
        }
    }

    /// Closes the hub's end and waits for the runner to go.
    pub(crate) fn close(&mut self) {
        self.link = None;
        self.wait_gone();
    }

    pub(crate) fn wait_gone(&mut self) {
        until("the runner to end", || matches!(self.process.try_wait(), Ok(Some(_))));
    }

    pub(crate) fn next(&mut self) -> u32 {
        self.correlation += 1;
        self.correlation
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.link = None;
        let end = Instant::now() + LIMIT;
        while Instant::now() < end && matches!(self.process.try_wait(), Ok(None)) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether a process exists and is no zombie.
pub(crate) fn lives(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

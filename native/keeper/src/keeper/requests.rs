//! Methods of `bus/contracts/keeper.ts`.

use bulkhead_wire::{Empty, Frame, Kind, WireError, decode, encode};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Keeper;
use super::messages::{
    Checkpoint, CheckpointAnswer, End, Info, OfSession, PutCheckpoint, Resize, SendSignal,
    Sessions, SetMeta, Target,
};
use super::start::{check_meta, check_size};

const CHECKPOINT_BYTES_MAX: usize = 512 * 1024;
const GRACE_MS_MAX: u64 = 60_000;

type Answer = Result<Vec<u8>, WireError>;

impl Keeper {
    pub(super) fn take_request(&mut self, id: u32, frame: &Frame) {
        let answer = subject_of(frame).and_then(|subject| {
            let subject = subject.to_owned();
            self.answer(id, &subject, &frame.payload)
        });
        let correlation = frame.header.correlation;
        match answer {
            Ok(payload) => {
                self.send(id, &Frame::new(Kind::Reply).correlation(correlation).payload(payload));
            }
            Err(error) => {
                self.send_value(id, Frame::new(Kind::Error).correlation(correlation), &error);
            }
        }
    }

    fn answer(&mut self, id: u32, subject: &str, input: &[u8]) -> Answer {
        match subject {
            "keeper.info" => output(&self.info()),
            "keeper.shutdown" => {
                self.shut_down();
                done()
            }
            "session.create" => {
                let request = read(input)?;
                output(&self.create(request)?)
            }
            "session.list" => {
                let sessions = self.sessions.values().map(|session| session.row()).collect();
                output(&Sessions { sessions })
            }
            "session.detach" => self.detach(id, &read(input)?),
            "session.resize" => self.resize(&read(input)?),
            "session.signal" => self.signal(&read(input)?),
            "session.end" => self.end(&read(input)?),
            "session.forget" => self.forget_ended(&read(input)?),
            "session.set-meta" => self.set_meta(read(input)?),
            "session.put-checkpoint" => self.put_checkpoint(read(input)?),
            "session.get-checkpoint" => self.get_checkpoint(&read(input)?),
            _ => Err(WireError::new("bus/no-responder", format!("keeper serves no {subject}"))),
        }
    }

    /// The number of the session with this id.
    pub(super) fn find(&self, id: &str) -> Result<u32, WireError> {
        let found = self.sessions.iter().find(|(_, session)| session.id == id);
        found.map(|(number, _)| *number).ok_or_else(|| no_such_session(id))
    }

    fn info(&self) -> Info {
        Info {
            pid: std::process::id(),
            version: self.settings.version,
            protocol: self.settings.major,
            serves_since: self.settings.serves_since,
            sessions: self.sessions.len(),
            started_ms: self.started_ms,
            ring_bytes: self.budget.used(),
            clients: self.peers.values().filter(|peer| peer.is_known()).count(),
        }
    }

    fn detach(&mut self, id: u32, request: &OfSession) -> Answer {
        let number = self.find(&request.session)?;
        let session = self.session(number, &request.session)?;
        let stream = session.reader.stream();
        // Another client's attachment is not ours to end.
        if stream.is_none_or(|stream| stream.link == id) {
            session.reader.free();
            if let Some(stream) = stream {
                self.end_stream(stream, None);
            }
        }
        done()
    }

    fn resize(&mut self, request: &Resize) -> Answer {
        let size = check_size(request.cols, request.rows)?;
        let number = self.find(&request.session)?;
        let resized = self.session(number, &request.session)?.resize(size);
        resized.map_err(|errno| WireError::new("bus/internal", format!("resize: {errno}")))?;
        done()
    }

    fn signal(&mut self, request: &SendSignal) -> Answer {
        let number = i32::try_from(request.signal).ok();
        let signal = number.and_then(Signal::from_named_raw).ok_or_else(|| {
            let text = format!("no signal has the number {}, 1 to 31 are allowed", request.signal);
            WireError::new("bus/invalid", text)
        })?;
        let number = self.find(&request.session)?;
        let session = self.session(number, &request.session)?;
        if !session.is_running() {
            return Err(has_ended(&request.session));
        }
        let group = match request.target {
            Target::Shell => session.shell_group(),
            Target::Foreground => session.foreground().unwrap_or(session.shell_group()),
        };
        kill(group, signal)?;
        done()
    }

    fn end(&mut self, request: &End) -> Answer {
        if request.grace_ms > GRACE_MS_MAX {
            let text = format!("graceMs {} is over {GRACE_MS_MAX}", request.grace_ms);
            return Err(WireError::new("bus/invalid", text));
        }
        let (number, now) = (self.find(&request.session)?, self.now);
        self.session(number, &request.session)?.end(request.grace_ms, now);
        done()
    }

    fn forget_ended(&mut self, request: &OfSession) -> Answer {
        let number = self.find(&request.session)?;
        let session = self.session(number, &request.session)?;
        if session.exit().is_none() {
            let text = format!("session {} still runs: end it first", request.session);
            return Err(WireError::new("bus/invalid", text));
        }
        session.kill_rest();
        self.forget(number);
        done()
    }

    fn set_meta(&mut self, request: SetMeta) -> Answer {
        check_meta(&request.meta)?;
        let number = self.find(&request.session)?;
        self.session(number, &request.session)?.meta = request.meta.into_vec();
        done()
    }

    fn put_checkpoint(&mut self, request: PutCheckpoint) -> Answer {
        let size = check_size(request.cols, request.rows)?;
        let bytes = request.blob.len();
        if bytes > CHECKPOINT_BYTES_MAX {
            let text = format!("checkpoint of {bytes} bytes is over {CHECKPOINT_BYTES_MAX}");
            return Err(WireError::new("keeper/checkpoint-too-large", text));
        }
        let number = self.find(&request.session)?;
        let session = self.session(number, &request.session)?;
        check_offset(request.offset, session.ring.head())?;
        let (cols, rows) = (size.cols, size.rows);
        let checkpoint = Checkpoint { offset: request.offset, cols, rows, blob: request.blob };
        session.checkpoint = Some(checkpoint);
        done()
    }

    fn get_checkpoint(&mut self, request: &OfSession) -> Answer {
        let number = self.find(&request.session)?;
        let session = self.session(number, &request.session)?;
        output(&CheckpointAnswer { checkpoint: session.checkpoint.as_ref() })
    }
}

/// The subject of a request or open; ids are not used here.
pub(super) fn subject_of(frame: &Frame) -> Result<&str, WireError> {
    let malformed = |error| WireError::new("bus/protocol", format!("{error}"));
    let subject = frame.named_subject().map_err(malformed)?;
    subject.ok_or_else(|| {
        let text = format!("name {} and no subject: the keeper interns none", frame.header.name);
        WireError::new("bus/protocol", text)
    })
}

/// An input of its contract.
pub(super) fn read<T: DeserializeOwned>(input: &[u8]) -> Result<T, WireError> {
    decode(input).map_err(|error| WireError::new("bus/invalid", error.to_string()))
}

pub(super) fn check_offset(offset: u64, head: u64) -> Result<(), WireError> {
    if offset <= head {
        return Ok(());
    }
    Err(WireError::new("bus/invalid", format!("offset {offset} is over the head {head}")))
}

pub(super) fn no_such_session(id: &str) -> WireError {
    let shown: String = id.chars().take(64).collect();
    WireError::new("keeper/no-such-session", format!("no session {shown:?}")).with(shown, None)
}

pub(super) fn has_ended(id: &str) -> WireError {
    WireError::new("keeper/no-such-session", format!("session {id} has ended")).with(id, None)
}

fn kill(group: Pid, signal: Signal) -> Result<(), WireError> {
    match kill_process_group(group, signal) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(errno) => Err(WireError::new("bus/internal", format!("signal: {errno}"))),
    }
}

fn output<T: Serialize>(value: &T) -> Answer {
    encode(value).map_err(|error| WireError::new("bus/internal", error.to_string()))
}

fn done() -> Answer {
    output(&Empty {})
}

//! Streams of the runner: stdout, stderr and stdin of its programs.

use bulkhead_wire::{DATA_BYTES_MAX, Frame, Kind, Lane, WireError, decode, encode, flag};

use super::Runner;
use super::caller::Caller;
use super::messages::OfProgram;
use super::program::{Program, STDIN_CREDIT, StreamId};
use super::requests::reply;

/// Frames waiting for the hub's socket; what is beyond stays in the pipes.
const LINK_BYTES_MAX: usize = 256 * 1024;

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Stdin,
    /// Index of the output: 0 stdout, 1 stderr.
    Output(usize),
}

impl Runner {
    pub(super) fn take_open(&mut self, frame: &Frame) {
        let stream = StreamId::of(&frame.header);
        match self.open(stream, frame) {
            Ok((credit, replaced)) => {
                let accept = reply(Kind::Credit, frame).flags(flag::ACCEPT).position(credit);
                self.send_value(accept, &bulkhead_wire::Empty {});
                if let Some(old) = replaced {
                    let text = "the stream was opened again";
                    self.reset(old, &WireError::new("runner/replaced", text));
                }
            }
            Err(error) => self.reset(stream, &error),
        }
    }

    pub(super) fn take_stream(&mut self, frame: &Frame) {
        let stream = StreamId::of(&frame.header);
        let Some((number, used)) = self.find_stream(stream) else { return };
        let Some(program) = self.programs.get_mut(&number) else { return };
        match (used, frame.header.kind) {
            (Use::Output(index), Kind::Credit) => {
                program.outputs[index].credit += u64::from(frame.header.position);
            }
            (Use::Output(index), Kind::Reset) => program.outputs[index].stream = None,
            (Use::Stdin, Kind::Reset) => program.stdin.stream = None,
            (Use::Stdin, Kind::End) => program.stdin.ends = true,
            (Use::Stdin, Kind::Data)
                if !program.stdin.push(frame.header.position, &frame.payload) =>
            {
                program.stdin.stream = None;
                let text = format!("position {} or credit is wrong", frame.header.position);
                self.reset(stream, &WireError::new("bus/protocol", text));
            }
            _ => {}
        }
    }

    pub(super) fn move_bytes(&mut self) {
        for number in self.programs.keys().copied().collect::<Vec<_>>() {
            self.write_stdin(number);
            for index in 0..2 {
                self.send_output(number, index);
            }
        }
    }

    /// Whether output could be sent at once.
    pub(super) fn can_move(&self, program: &Program) -> bool {
        let ready = |output: &super::program::Output| {
            let has_more = output.is_readable || output.pipe.is_none();
            output.stream.is_some() && has_more && output.credit > 0
        };
        self.link.queued_bytes() <= LINK_BYTES_MAX && program.outputs.iter().any(ready)
    }

    fn open(
        &mut self,
        stream: StreamId,
        frame: &Frame,
    ) -> Result<(u32, Option<StreamId>), WireError> {
        let used = match self.subject_of(frame)?.as_str() {
            "runner.stdin" => Use::Stdin,
            "runner.stdout" => Use::Output(0),
            "runner.stderr" => Use::Output(1),
            other => {
                let text = format!("runner serves no {other}");
                return Err(WireError::new("bus/no-responder", text));
            }
        };
        let request: OfProgram = decode(&frame.payload)
            .map_err(|error| WireError::new("bus/invalid", error.to_string()))?;
        let number = self.find(&request.program, &Caller::of(frame)?)?;
        let gone = || WireError::new("runner/no-such-program", request.program.clone());
        let program = self.programs.get_mut(&number).ok_or_else(gone)?;
        match used {
            Use::Stdin if program.stdin.pipe.is_none() => {
                let text = format!("stdin of {} is closed", request.program);
                Err(WireError::new("runner/stdin-closed", text))
            }
            Use::Stdin => Ok((STDIN_CREDIT, program.stdin.open(stream))),
            Use::Output(index) => {
                let output = &mut program.outputs[index];
                (output.credit, output.sent) = (u64::from(frame.header.position), 0);
                Ok((0, output.stream.replace(stream)))
            }
        }
    }

    fn find_stream(&self, stream: StreamId) -> Option<(u32, Use)> {
        self.programs.iter().find_map(|(number, program)| {
            if program.stdin.stream == Some(stream) {
                return Some((*number, Use::Stdin));
            }
            let index = program.outputs.iter().position(|output| output.stream == Some(stream))?;
            Some((*number, Use::Output(index)))
        })
    }

    fn write_stdin(&mut self, number: u32) {
        let Some(program) = self.programs.get_mut(&number) else { return };
        let written = program.stdin.write();
        let Some(stream) = program.stdin.stream else { return };
        if written.bytes > 0 {
            let credit = stream_frame(Kind::Credit, stream).position(written.bytes);
            self.send(&credit.lane(Lane::Control));
        }
        if !written.is_broken && !written.is_over {
            return;
        }
        if let Some(program) = self.programs.get_mut(&number) {
            program.stdin.stream = None;
        }
        if written.is_broken {
            let text = "the program closed its stdin";
            self.reset(stream, &WireError::new("runner/stdin-closed", text));
        } else {
            self.send(&stream_frame(Kind::End, stream));
        }
    }

    fn send_output(&mut self, number: u32, index: usize) {
        while self.link.queued_bytes() <= LINK_BYTES_MAX {
            let Some(program) = self.programs.get_mut(&number) else { return };
            let output = &mut program.outputs[index];
            let Some(stream) = output.stream else { return };
            let room = output.credit.min(DATA_BYTES_MAX as u64);
            let bytes = output.read(usize::try_from(room).unwrap_or(0));
            if bytes.is_empty() {
                if output.pipe.is_none() {
                    output.stream = None;
                    let last = encode(&bulkhead_wire::Empty {}).unwrap_or_default();
                    self.send(&stream_frame(Kind::End, stream).payload(last));
                }
                return;
            }
            let frame = stream_frame(Kind::Data, stream).position(output.sent);
            output.credit -= bytes.len() as u64;
            output.sent = output.sent.wrapping_add(u32::try_from(bytes.len()).unwrap_or(0));
            self.send(&frame.raw(bytes));
        }
    }

    fn reset(&mut self, stream: StreamId, error: &WireError) {
        self.send_value(stream_frame(Kind::Reset, stream), error);
    }
}

fn stream_frame(kind: Kind, stream: StreamId) -> Frame {
    let mut frame = Frame::new(kind).correlation(stream.correlation);
    frame.header.destination = stream.source;
    frame.header.epoch = stream.epoch;
    frame
}

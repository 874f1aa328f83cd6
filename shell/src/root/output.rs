//! What a child says on stderr: read without blocking, split into lines, the last ones kept for its crash report.
use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;

/// Lines kept.
const LINES_MAX: usize = 50;
/// A longer line is cut.
const LINE_BYTES_MAX: usize = 2_000;
/// Bytes read in one turn of the loop, so that a flooding child cannot hold it.
const TURN_BYTES_MAX: usize = 256 * 1024;

/// A pipe's reading end.
#[derive(Debug)]
pub(crate) struct Output {
    pipe: Option<OwnedFd>,
    partial: Vec<u8>,
    last: VecDeque<String>,
}

impl Output {
    /// Takes the pipe and makes it non-blocking.
    ///
    /// # Errors
    /// The descriptor is no pipe.
    pub(crate) fn new(pipe: OwnedFd) -> std::io::Result<Self> {
        rustix::io::ioctl_fionbio(&pipe, true)?;
        Ok(Self { pipe: Some(pipe), partial: Vec::new(), last: VecDeque::new() })
    }

    /// To poll, while the other end is open.
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(AsFd::as_fd)
    }

    /// Reads what is there and gives the whole lines.
    pub(crate) fn read(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut piece = [0_u8; 16 * 1024];
        for _ in 0..TURN_BYTES_MAX / piece.len() {
            let Some(pipe) = &self.pipe else { break };
            match rustix::io::read(pipe, &mut piece) {
                Ok(0) => {
                    self.pipe = None;
                    self.finish_line(&mut lines);
                }
                Ok(count) => {
                    let bytes = piece.get(..count).unwrap_or_default();
                    for byte in bytes {
                        self.take(*byte, &mut lines);
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(_) => self.pipe = None,
            }
        }
        lines
    }

    /// The last lines, oldest first.
    pub(crate) fn last(&self) -> Vec<String> {
        self.last.iter().cloned().collect()
    }

    fn take(&mut self, byte: u8, lines: &mut Vec<String>) {
        if byte == b'\n' {
            self.finish_line(lines);
        } else if self.partial.len() < LINE_BYTES_MAX {
            self.partial.push(byte);
        }
    }

    fn finish_line(&mut self, lines: &mut Vec<String>) {
        if self.partial.is_empty() {
            return;
        }
        let line = String::from_utf8_lossy(&self.partial).into_owned();
        self.partial.clear();
        if self.last.len() == LINES_MAX {
            self.last.pop_front();
        }
        self.last.push_back(line.clone());
        lines.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::Output;

    fn feed(bytes: &[u8]) -> (Output, Vec<String>) {
        let (reader, writer) = rustix::pipe::pipe().unwrap();
        rustix::io::write(&writer, bytes).unwrap();
        drop(writer);
        let mut output = Output::new(reader).unwrap();
        let lines = output.read();
        (output, lines)
    }

    #[test]
    fn the_last_line_needs_no_line_feed_and_the_end_is_seen() {
        let (output, lines) = feed(b"one\n\ntwo");
        assert_eq!(lines, ["one", "two"]);
        assert!(output.fd().is_none());
    }

    #[test]
    fn only_the_last_fifty_lines_are_kept_and_long_ones_are_cut() {
        let text: String = (0..60).map(|number| format!("line {number}\n")).collect();
        let (output, lines) = feed(format!("{text}{}\n", "x".repeat(5000)).as_bytes());
        assert_eq!(lines.len(), 61);
        assert_eq!(output.last().len(), 50);
        assert_eq!(output.last().first().map(String::as_str), Some("line 11"));
        assert_eq!(output.last().last().map(String::len), Some(2000));
    }
}

//! Connected and authenticated links to keepers, for the program to inherit.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bulkhead_wire::{Client, ClientError, Identity, TOKEN_BYTES, read_token};

/// Names the majors of the keepers, ours first, in the order of their descriptors from 4 on.
pub(crate) const VARIABLE: &str = "BULKHEAD_KEEPERS";

/// Major version of our own keeper's methods, in the names of its files.
const MAJOR: u8 = 1;
/// Keepers of other versions that are looked for; nobody has more than a few.
const OTHERS_MAX: usize = 7;
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// For saying hello to another keeper, which takes no time unless its socket is full.
const HELLO_LIMIT: Duration = Duration::from_millis(200);
const RETRY_AFTER: Duration = Duration::from_millis(25);

/// Links by the major of their keeper, ours first.
#[derive(Debug)]
pub(crate) struct Links {
    pub(crate) majors: Vec<u8>,
    pub(crate) sockets: Vec<UnixStream>,
}

impl Links {
    /// The value of [`VARIABLE`].
    pub(crate) fn words(&self) -> OsString {
        let majors: Vec<_> = self.majors.iter().map(u8::to_string).collect();
        majors.join(",").into()
    }
}

/// Connects our keeper, which gets 5 s to start, and those that other versions of Bulkhead have left. Of ours exactly
/// the `ready` frame is read; what follows it belongs to the program. The others have been said hello: one that hangs
/// must not hold up our own terminals, so their answers are for the program to wait for.
pub(crate) fn connect(runtime_dir: &Path) -> Result<Links, String> {
    let name = std::env::var("BULKHEAD_ACTOR").unwrap_or_else(|_| "terminal".to_owned());
    let ours = connect_ours(runtime_dir, &name)?;
    let mut links = Links { majors: vec![MAJOR], sockets: vec![ours] };
    for major in other_majors(runtime_dir) {
        match say_hello(runtime_dir, major, &name) {
            Ok(socket) => {
                links.majors.push(major);
                links.sockets.push(socket);
            }
            // It left its socket behind.
            Err(error) if is_absent(&error) => {}
            Err(error) => {
                eprintln!("bulkhead-launch: keeper of version {major} is left out: {error}")
            }
        }
    }
    Ok(links)
}

fn connect_ours(runtime_dir: &Path, name: &str) -> Result<UnixStream, String> {
    let until = Instant::now() + ANSWER_LIMIT;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match attempt(runtime_dir, name, left) {
            Ok(stream) => return Ok(stream),
            Err(error) if is_absent(&error) && left > RETRY_AFTER => {
                std::thread::sleep(RETRY_AFTER);
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

fn attempt(runtime_dir: &Path, name: &str, limit: Duration) -> Result<UnixStream, ClientError> {
    let token = token_of(runtime_dir, MAJOR)?;
    let who = Identity { name, token: Some(&token) };
    let client = Client::connect(&socket_of(runtime_dir, MAJOR), who, limit)?;
    Ok(client.into_stream()?)
}

fn say_hello(runtime_dir: &Path, major: u8, name: &str) -> Result<UnixStream, ClientError> {
    let token = token_of(runtime_dir, major)?;
    let who = Identity { name, token: Some(&token) };
    Client::introduce(&socket_of(runtime_dir, major), who, HELLO_LIMIT)
}

fn token_of(runtime_dir: &Path, major: u8) -> io::Result<[u8; TOKEN_BYTES]> {
    read_token(&runtime_dir.join(format!("keeper-{major}.token")))
}

fn socket_of(runtime_dir: &Path, major: u8) -> PathBuf {
    runtime_dir.join(format!("keeper-{major}.sock"))
}

/// Nobody listens there: not yet, or not any more.
fn is_absent(error: &ClientError) -> bool {
    let ClientError::Io(error) = error else { return false };
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}

/// The newest first.
fn other_majors(runtime_dir: &Path) -> Vec<u8> {
    let entries = fs::read_dir(runtime_dir).into_iter().flatten().flatten();
    let mut majors: Vec<u8> = entries
        .filter_map(|entry| major_of(entry.file_name().to_str()?))
        .filter(|major| *major != MAJOR)
        .collect();
    majors.sort_unstable_by(|one, other| other.cmp(one));
    majors.truncate(OTHERS_MAX);
    majors
}

fn major_of(file: &str) -> Option<u8> {
    file.strip_prefix("keeper-")?.strip_suffix(".sock")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_is_in_the_name_of_the_socket() {
        let names = [
            "keeper-0.sock",
            "keeper-12.sock",
            "keeper-1.token",
            "keeper-.sock",
            "keeper-256.sock",
        ];
        let majors: Vec<_> = names.into_iter().map(major_of).collect();
        assert_eq!(majors, [Some(0), Some(12), None, None, None]);
    }
}

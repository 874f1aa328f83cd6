//! A connected and authenticated link to the keeper, for the program to inherit.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use bulkhead_wire::{Client, ClientError, Identity, read_token};

const ANSWER_LIMIT: Duration = Duration::from_secs(5);
const RETRY_AFTER: Duration = Duration::from_millis(25);

/// Connects and waits for exactly the `ready` frame; what follows it belongs to the program.
/// A keeper that is only starting gets 5 s.
pub(crate) fn connect(runtime_dir: &Path) -> Result<UnixStream, String> {
    let name = std::env::var("BULKHEAD_ACTOR").unwrap_or_else(|_| "terminal".to_owned());
    let until = Instant::now() + ANSWER_LIMIT;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match attempt(runtime_dir, &name, left) {
            Ok(stream) => return Ok(stream),
            Err(error) if is_starting(&error) && left > RETRY_AFTER => {
                std::thread::sleep(RETRY_AFTER);
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

fn attempt(runtime_dir: &Path, name: &str, limit: Duration) -> Result<UnixStream, ClientError> {
    let token = read_token(&runtime_dir.join("keeper-1.token"))?;
    let who = Identity { name, token: Some(&token) };
    let client = Client::connect(&runtime_dir.join("keeper-1.sock"), who, limit)?;
    Ok(client.into_stream()?)
}

fn is_starting(error: &ClientError) -> bool {
    let ClientError::Io(error) = error else { return false };
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}

//! Reads the whole body of a POST without blocking the main loop.
use gio::prelude::InputStreamExtManual;

use crate::route::Refusal;

/// Largest body that is taken: one frame of the bus.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes asked for in one read.
const READ_BYTES: usize = 256 * 1024;

/// The body behind `stream`, read to its end: a short read is no end.
///
/// A page must send bytes, never a `Blob`: WebKitGTK 2.50 follows a null pointer in the window's process when it is
/// asked for a body that is made of one, and nothing in the request tells them apart before.
///
/// # Errors
/// 413 beyond `bytes_max`, 400 when reading fails.
pub(crate) async fn read(
    stream: Option<gio::InputStream>,
    bytes_max: usize,
) -> Result<Vec<u8>, Refusal> {
    let Some(stream) = stream else { return Ok(Vec::new()) };
    let mut body = Vec::new();
    let mut buffer = vec![0_u8; READ_BYTES.min(bytes_max + 1)];
    loop {
        let (filled, count) = stream
            .read_future(buffer, glib::Priority::DEFAULT)
            .await
            .map_err(|(_, error)| refuse(400, format!("the body cannot be read: {error}")))?;
        if count == 0 {
            return Ok(body);
        }
        if body.len() + count > bytes_max {
            return Err(refuse(413, format!("the body is larger than {bytes_max} bytes")));
        }
        body.extend_from_slice(filled.get(..count).unwrap_or_default());
        buffer = filled;
    }
}

fn refuse(status: u32, reason: String) -> Refusal {
    Refusal { status, reason }
}

//! The built UI, compressed into this binary. Each file is unpacked once, when it is first asked for.
use std::cell::RefCell;
use std::collections::HashMap;

use crate::log;

/// Name below `dist/ui` and brotli stream.
static PACKED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Shown when the binary was built before the UI was.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Bulkhead</title>\
<!--boot--></head><body><p>The interface was not built into this window. Run <code>npm run build</code>.</p></body></html>";

/// One file of the UI.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub(crate) bytes: glib::Bytes,
    pub(crate) content_type: &'static str,
}

/// Unpacked files by name.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    unpacked: RefCell<HashMap<String, Asset>>,
}

impl Assets {
    /// The file `name`, with `/` between folders and none in front; `None` when the UI has no such file.
    pub(crate) fn find(&self, name: &str) -> Option<Asset> {
        if let Some(asset) = from_folder(name) {
            return Some(asset);
        }
        if let Some(asset) = self.unpacked.borrow().get(name) {
            return Some(asset.clone());
        }
        let (_, packed) = PACKED.iter().find(|(known, _)| *known == name)?;
        let asset = Asset {
            bytes: glib::Bytes::from_owned(unpack(name, packed)?),
            content_type: type_of(name),
        };
        self.unpacked.borrow_mut().insert(name.to_owned(), asset.clone());
        Some(asset)
    }

    /// `index.html`, or a page that says the UI was not built.
    pub(crate) fn document(&self) -> String {
        self.find("index.html").map_or_else(
            || NOT_BUILT.to_owned(),
            |asset| String::from_utf8_lossy(&asset.bytes).into_owned(),
        )
    }
}

fn unpack(name: &str, packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = packed;
    match brotli_decompressor::BrotliDecompress(&mut rest, &mut bytes) {
        Ok(()) => Some(bytes),
        Err(error) => {
            log::line(&format!("asset {name:?} cannot be unpacked: {error}"));
            None
        }
    }
}

/// Debug builds serve a folder named by `BULKHEAD_UI_DIR` instead, so that tests can bring a page of their own.
#[cfg(debug_assertions)]
fn from_folder(name: &str) -> Option<Asset> {
    let folder = std::env::var_os("BULKHEAD_UI_DIR")?;
    if name.split('/').any(|part| part == "..") {
        return None;
    }
    let bytes = std::fs::read(std::path::Path::new(&folder).join(name)).ok()?;
    Some(Asset { bytes: glib::Bytes::from_owned(bytes), content_type: type_of(name) })
}

#[cfg(not(debug_assertions))]
fn from_folder(_name: &str) -> Option<Asset> {
    None
}

fn type_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{PACKED, type_of, unpack};

    #[test]
    fn every_embedded_file_unpacks() {
        for (name, packed) in PACKED {
            assert!(unpack(name, packed).is_some(), "{name}");
        }
    }

    #[test]
    fn a_broken_stream_is_no_asset() {
        assert!(unpack("x", &[1, 2, 3]).is_none());
    }

    #[test]
    fn types_follow_the_extension() {
        assert_eq!(type_of("a/b.mjs"), "text/javascript; charset=utf-8");
        assert_eq!(type_of("noextension"), "application/octet-stream");
    }
}

//! The extension: a run of entries `u8 type, u8 length, bytes`.

use crate::error::FrameError;

/// One entry. Unknown types are for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// One of [`crate::entry_type`], or unknown.
    pub kind: u8,
    /// At most 255 bytes.
    pub bytes: &'a [u8],
}

/// Walks the entries of an extension; ends after the first malformed one.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Entries<'a> {
    /// The entries of `extension`.
    #[must_use]
    pub const fn new(extension: &'a [u8]) -> Self {
        Self { rest: extension }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, FrameError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, after) = self.rest.split_first()?;
        let malformed = |bytes, left| FrameError::Entry { kind: *kind, bytes, left };
        let Some((length, body)) = after.split_first() else {
            self.rest = &[];
            return Some(Err(malformed(0, 0)));
        };
        let length = usize::from(*length);
        if length > body.len() {
            self.rest = &[];
            return Some(Err(malformed(length, body.len())));
        }
        let (bytes, rest) = body.split_at(length);
        self.rest = rest;
        Some(Ok(Entry { kind: *kind, bytes }))
    }
}

/// Appends an entry. Bytes beyond 255 do not fit and give `false`, with nothing appended.
pub fn push_entry(extension: &mut Vec<u8>, kind: u8, bytes: &[u8]) -> bool {
    let Ok(length) = u8::try_from(bytes.len()) else { return false };
    extension.push(kind);
    extension.push(length);
    extension.extend_from_slice(bytes);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_in_order_and_unknown_ones_are_kept() {
        let mut extension = Vec::new();
        assert!(push_entry(&mut extension, 2, b"a.b"));
        assert!(push_entry(&mut extension, 200, b""));
        let found: Vec<_> = Entries::new(&extension).map(Result::unwrap).collect();
        assert_eq!(found, [Entry { kind: 2, bytes: b"a.b" }, Entry { kind: 200, bytes: b"" }]);
    }

    #[test]
    fn an_entry_past_the_end_is_an_error_and_the_last_item() {
        let mut entries = Entries::new(&[2, 9, b'a']);
        assert_eq!(entries.next(), Some(Err(FrameError::Entry { kind: 2, bytes: 9, left: 1 })));
        assert_eq!(entries.next(), None);
    }

    #[test]
    fn an_entry_over_255_bytes_is_refused() {
        let mut extension = Vec::new();
        assert!(!push_entry(&mut extension, 2, &[0; 256]));
        assert!(extension.is_empty());
    }
}

//! A client of the keeper: its link, its streams, what it subscribed to.

use std::collections::{BTreeMap, VecDeque};

use bulkhead_wire::Link;

use crate::clock::Moment;

/// Streams that ended lately: what is still under way for them is no mistake.
const RECENT_STREAMS: usize = 256;

/// What a stream of a client is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Output of the session with this number.
    Output(u32),
    /// Keys for the session with this number.
    Keys(u32),
}

/// A client.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) link: Link,
    /// Empty until hello.
    pub(crate) name: String,
    /// Until when hello must have come.
    pub(crate) hello_by: Option<Moment>,
    pub(crate) is_readable: bool,
    pub(crate) is_writable: bool,
    /// Bytes were received of which not every frame was taken.
    pub(crate) has_frames: bool,
    /// Set once the link is to be closed, with the reason.
    pub(crate) closing: Option<String>,
    streams: BTreeMap<u32, Stream>,
    recent: VecDeque<u32>,
}

impl Peer {
    pub(crate) const fn new(link: Link, hello_by: Moment) -> Self {
        Self {
            link,
            name: String::new(),
            hello_by: Some(hello_by),
            is_readable: true,
            is_writable: true,
            has_frames: false,
            closing: None,
            streams: BTreeMap::new(),
            recent: VecDeque::new(),
        }
    }

    /// Whether it has shown its token.
    pub(crate) const fn is_known(&self) -> bool {
        self.hello_by.is_none()
    }

    pub(crate) fn stream(&self, correlation: u32) -> Option<Stream> {
        self.streams.get(&correlation).copied()
    }

    pub(crate) fn streams(&self) -> usize {
        self.streams.len()
    }

    pub(crate) fn add_stream(&mut self, correlation: u32, stream: Stream) {
        self.streams.insert(correlation, stream);
    }

    /// Forgets a stream, but not that it was there.
    pub(crate) fn remove_stream(&mut self, correlation: u32) -> Option<Stream> {
        let stream = self.streams.remove(&correlation)?;
        if self.recent.len() == RECENT_STREAMS {
            self.recent.pop_front();
        }
        self.recent.push_back(correlation);
        Some(stream)
    }

    /// Whether a stream of this id ended lately.
    pub(crate) fn had_stream(&self, correlation: u32) -> bool {
        self.recent.contains(&correlation)
    }

    /// All streams, for a link that is gone.
    pub(crate) fn take_streams(&mut self) -> BTreeMap<u32, Stream> {
        std::mem::take(&mut self.streams)
    }
}

//! Major version, times and a first offset, which a test may set through the environment.

/// Major version of the keeper's methods.
const MAJOR: u8 = 1;

/// What a keeper is started with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// Of what it serves, in the names of its files: a newer Bulkhead finds the keepers of older ones by it.
    pub(crate) major: u8,
    /// Leaves this long after the last client and session, milliseconds.
    pub(crate) linger_ms: u64,
    /// Unread output is protected this long after its reader's link broke, milliseconds.
    pub(crate) protect_ms: u64,
    /// A shell without jobs is ended when nobody was attached to it this long, milliseconds.
    pub(crate) unused_ms: u64,
    /// An ended session that nobody forgets is kept this long, milliseconds.
    pub(crate) keep_ended_ms: u64,
    /// Absolute offset of a new session's first byte of output: tests come to 4 GiB without printing them.
    pub(crate) first_offset: u64,
}

impl Settings {
    pub(crate) fn from_environment() -> Self {
        Self {
            major: u8::try_from(number("BULKHEAD_KEEPER_MAJOR", MAJOR.into())).unwrap_or(MAJOR),
            linger_ms: number("BULKHEAD_KEEPER_LINGER_MS", 10_000),
            protect_ms: number("BULKHEAD_KEEPER_PROTECT_MS", 60_000),
            unused_ms: number("BULKHEAD_KEEPER_UNUSED_MS", 24 * 3_600_000),
            keep_ended_ms: number("BULKHEAD_KEEPER_KEEP_MS", 24 * 3_600_000),
            first_offset: number("BULKHEAD_KEEPER_FIRST_OFFSET", 0),
        }
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

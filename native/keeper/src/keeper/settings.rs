//! Major version, times and a first offset. A test may set the times and the offset through the environment, a drill
//! the version as well.

/// Major version of the keeper's methods.
const MAJOR: u8 = 1;
/// Oldest major whose clients find everything here as they expect it.
const SERVES_SINCE: u8 = 1;

/// What a keeper is started with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// Of what it serves, in the names of its files: a newer Bulkhead finds the keepers of older ones by it.
    pub(crate) major: u8,
    /// Clients made for this major or a later one may attach; what all majors share is served to everyone.
    pub(crate) serves_since: u8,
    /// Version of the Bulkhead it came with.
    pub(crate) version: &'static str,
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
        let Passed { major, serves_since, version } = Passed::for_another();
        Self {
            major,
            serves_since,
            version,
            linger_ms: number("BULKHEAD_KEEPER_LINGER_MS", 10_000),
            protect_ms: number("BULKHEAD_KEEPER_PROTECT_MS", 60_000),
            unused_ms: number("BULKHEAD_KEEPER_UNUSED_MS", 24 * 3_600_000),
            keep_ended_ms: number("BULKHEAD_KEEPER_KEEP_MS", 24 * 3_600_000),
            first_offset: number("BULKHEAD_KEEPER_FIRST_OFFSET", 0),
        }
    }
}

/// What a drill passes this keeper off as: one that another version of Bulkhead has left.
struct Passed {
    major: u8,
    serves_since: u8,
    version: &'static str,
}

impl Passed {
    /// Only with `BULKHEAD_DRILL=1`, which a packaged build refuses to run with.
    fn for_another() -> Self {
        if std::env::var_os("BULKHEAD_DRILL").is_none_or(|value| value != "1") {
            return Self { major: MAJOR, serves_since: SERVES_SINCE, version: crate::VERSION };
        }
        let small =
            |name, default| u8::try_from(number(name, u64::from(default))).unwrap_or(default);
        let major = small("BULKHEAD_KEEPER_MAJOR", MAJOR);
        let named = std::env::var("BULKHEAD_KEEPER_VERSION").ok();
        Self {
            major,
            serves_since: small("BULKHEAD_KEEPER_SERVES_SINCE", SERVES_SINCE.min(major)),
            version: named.map_or(crate::VERSION, |name| name.leak()),
        }
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

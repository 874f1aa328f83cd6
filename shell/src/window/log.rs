//! One line per event on stderr, which the root keeps the last lines of.
use std::io::Write as _;

/// Writes `bulkhead-window: <text>`. A closed stderr is not worth ending the window for.
pub(crate) fn line(text: &str) {
    let written = writeln!(std::io::stderr().lock(), "bulkhead-window: {text}");
    drop(written);
}

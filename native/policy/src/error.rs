//! What can be wrong with a path, a pattern or a policy file.

use std::fmt;

/// A path that cannot be judged, and is therefore denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// Does not begin with a slash.
    NotAbsolute,
    /// Has `.` or `..` in it, which no real path has.
    NotReal,
    /// Has a zero byte in it.
    Nul,
    /// Longer than the kernel takes.
    TooLong {
        /// Its length.
        bytes: usize,
        /// The bound.
        max: usize,
    },
}

impl fmt::Display for PathError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAbsolute => out.write_str("the path does not begin with /"),
            Self::NotReal => out.write_str("the path has . or .. in it"),
            Self::Nul => out.write_str("the path has a zero byte in it"),
            Self::TooLong { bytes, max } => {
                write!(out, "the path has {bytes} bytes, at most {max} may be")
            }
        }
    }
}

impl std::error::Error for PathError {}

/// A pattern that is not understood whole; it is refused when it is loaded, never skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// The pattern as written.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for PatternError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "pattern {:?}: {}", self.pattern, self.reason)
    }
}

impl std::error::Error for PatternError {}

/// A policy file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The file, as it was named to the loader.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1; 0 when the whole line is meant.
    pub column: usize,
    /// What is wrong, with the key and the offending value.
    pub reason: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}: {}", self.file, self.line, self.column, self.reason)
    }
}

impl std::error::Error for PolicyError {}

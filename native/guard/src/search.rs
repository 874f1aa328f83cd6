//! Searching in contents. The searcher gets an open, judged file, never a path.

use crate::error::GuardError;
use crate::find::{FindOptions, Next, Visited};
use crate::gate::{Asker, Guard};
use crate::listing::text;
use crate::reply::Reply;
use crate::sys;
use crate::task::Task;
use bulkhead_policy::Op;
use grep_matcher::Matcher;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::sinks::Bytes;
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder};
use serde::{Deserialize, Serialize};
use std::fs::File;

/// Most lines one search finds.
const MATCHES_MAX: usize = 20_000;
/// Longest line that is shown, bytes; the rest is cut off.
const LINE_BYTES_MAX: usize = 1000;
/// Places marked in one line.
const RANGES_MAX: usize = 64;
const PATTERN_BYTES_MAX: usize = 4096;
/// Memory of a compiled pattern, and of one line while it is looked at.
const REGEX_BYTES_MAX: usize = 10 * 1024 * 1024;
const HEAP_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Lines in one part of the answer.
const PART_MATCHES: usize = 200;

/// What is searched for.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchOptions {
    /// Text, or a regular expression.
    pub pattern: String,
    /// Whether `pattern` is a regular expression.
    #[serde(default)]
    pub is_regex: bool,
    /// Whether case matters; absent: only when the pattern has a capital.
    #[serde(default)]
    pub case_sensitive: Option<bool>,
    /// Whether only whole words count.
    #[serde(default)]
    pub whole_words: bool,
    /// Most lines; 0: the bound.
    #[serde(default)]
    pub matches_max: usize,
    /// Which files.
    #[serde(default)]
    pub files: FindOptions,
}

#[derive(Debug, Serialize)]
struct Line {
    file: String,
    line: u64,
    text: String,
    /// Start and end of each place in `text`, UTF-16 units.
    ranges: Vec<(usize, usize)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    files: usize,
    matches: usize,
    closed: usize,
    is_cut: bool,
}

impl Guard {
    /// Finds lines. Parts carry them as they are found, the answer says how many there were.
    pub(crate) fn search(
        &self,
        path: &[u8],
        options: &SearchOptions,
        asker: &Asker,
        task: &Task,
    ) -> Result<Reply, GuardError> {
        let matcher = matcher(options)?;
        let max = match options.matches_max {
            0 => MATCHES_MAX,
            max => max.min(MATCHES_MAX),
        };
        let searcher = searcher();
        let mut search =
            Search { matcher, searcher, lines: Vec::new(), left: max, is_broken: false, task };
        let seen = self.visit((path, &options.files), asker, task, &mut |file| {
            search.file(self, file, asker)
        })?;
        search.send(1)?;
        let is_cut = seen.is_cut || search.left == 0 || (search.is_broken && seen.files == 1);
        let (files, closed) = (seen.files, seen.closed);
        let summary = Summary { files, matches: max - search.left, closed, is_cut };
        Ok(Reply::new(&summary)?.at(&seen.folder))
    }
}

struct Search<'a> {
    matcher: RegexMatcher,
    searcher: Searcher,
    lines: Vec<Line>,
    left: usize,
    /// Whether a file was not searched to its end.
    is_broken: bool,
    task: &'a Task,
}

impl Search<'_> {
    fn file(
        &mut self,
        guard: &Guard,
        visited: &Visited<'_>,
        asker: &Asker,
    ) -> Result<Next, GuardError> {
        self.task.check()?;
        let Ok(fd) = sys::look_at_name(visited.folder, visited.name) else { return Ok(Next::Go) };
        let Ok(found) = guard.judge(Op::Read, fd, asker) else { return Ok(Next::Go) };
        let Ok(file) = guard.open_file(&found) else { return Ok(Next::Go) };
        let (matcher, task) = (&self.matcher, self.task);
        let (lines, left) = (&mut self.lines, &mut self.left);
        let sink = Bytes(|number, bytes: &[u8]| {
            if *left == 0 || task.check().is_err() {
                return Ok(false);
            }
            *left -= 1;
            lines.push(line(matcher, visited.relative, number, bytes));
            Ok(true)
        });
        // A file that cannot be read to its end gives what was found before.
        self.is_broken |= self.searcher.search_file(matcher, &File::from(file), sink).is_err();
        self.task.check()?;
        self.send(PART_MATCHES)?;
        Ok(if self.left == 0 { Next::Stop } else { Next::Go })
    }

    /// Hands the lines out once there are `least`.
    fn send(&mut self, least: usize) -> Result<(), GuardError> {
        if self.lines.len() >= least {
            let lines = std::mem::take(&mut self.lines);
            self.task.emit(Reply::new(&lines)?);
        }
        Ok(())
    }
}

fn matcher(options: &SearchOptions) -> Result<RegexMatcher, GuardError> {
    let pattern = &options.pattern;
    if pattern.is_empty() || pattern.len() > PATTERN_BYTES_MAX {
        let length = pattern.len();
        let reason = format!("pattern: has {length} bytes, must have 1 to {PATTERN_BYTES_MAX}");
        return Err(GuardError::Invalid(reason));
    }
    let mut builder = RegexMatcherBuilder::new();
    builder
        .fixed_strings(!options.is_regex)
        .word(options.whole_words)
        .case_smart(options.case_sensitive.is_none())
        .case_insensitive(options.case_sensitive == Some(false))
        .line_terminator(Some(b'\n'))
        .size_limit(REGEX_BYTES_MAX)
        .dfa_size_limit(REGEX_BYTES_MAX);
    builder.build(pattern).map_err(|error| GuardError::Invalid(format!("pattern: {error}")))
}

fn searcher() -> Searcher {
    SearcherBuilder::new()
        .line_number(true)
        .heap_limit(Some(HEAP_BYTES_MAX))
        .binary_detection(BinaryDetection::quit(0))
        .build()
}

fn line(matcher: &RegexMatcher, file: &[u8], number: u64, bytes: &[u8]) -> Line {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let shown = &bytes[..bytes.len().min(LINE_BYTES_MAX)];
    let mut ranges = Vec::new();
    let units = |end: usize| text(&shown[..end]).encode_utf16().count();
    // The matcher is built without captures that could fail; a failure leaves the line unmarked.
    let _ = matcher.find_iter(shown, |found| {
        ranges.push((units(found.start()), units(found.end())));
        ranges.len() < RANGES_MAX
    });
    Line { file: text(file), line: number, text: text(shown), ranges }
}

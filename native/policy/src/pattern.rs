//! The pattern language: small enough that every pattern means one thing.
//!
//! ```text
//! .env            a name, at any depth          *.pem      with a wildcard for any part of a name
//! .git/hooks      names that follow each other, at any depth
//! .git/modules/*/hooks   with any one name in the middle
//! ~/.ssh          below a home folder           /etc/shadow  from the root
//! ./secrets       below the workspace
//! ```
//!
//! A pattern covers what it names and everything beneath. `**`, `?`, `[`, `{`, `!`, `\` are refused.

use crate::component::{Component, names};
use crate::error::PatternError;
use crate::fold::fold;
use crate::places::Places;

/// Longest pattern, bytes.
const PATTERN_BYTES_MAX: usize = 1024;

/// A pattern ready to be matched.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    anchor: Anchor,
    parts: Vec<Part>,
    /// The path as it is on disk, when the pattern names exactly one.
    place: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    Root,
    AnyDepth,
}

/// One name of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// This name.
    Exact(Vec<u8>),
    /// Any one name.
    Any,
    /// The pieces in this order with anything between: first at the start, last at the end.
    Pieces(Vec<Vec<u8>>),
}

/// How a pattern meets a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// So many names of the path are what the pattern names; the rest lies beneath.
    pub(crate) names: usize,
}

impl Pattern {
    /// Reads a pattern. One text may stand for several places, since a person may have two spellings
    /// of the home folder.
    pub(crate) fn parse(text: &str, places: &Places) -> Result<Vec<Self>, PatternError> {
        let fail = |reason: String| PatternError { pattern: text.to_owned(), reason };
        check_letters(text).map_err(fail)?;
        let anchored = |bases: &[Vec<u8>], rest: &str| -> Result<Vec<Self>, PatternError> {
            let tail = parts(rest).map_err(fail)?;
            let below = |base: &Vec<u8>| {
                let slash: &[u8] = if base.ends_with(b"/") { b"" } else { b"/" };
                let place = [base.as_slice(), slash, rest.as_bytes()].concat();
                let place = (!rest.contains('*')).then_some(place);
                Some(Self { place, ..Self::below(base, &tail)? })
            };
            Ok(bases.iter().filter_map(below).collect())
        };
        if let Some(rest) = text.strip_prefix("~/") {
            let mut found = anchored(&places.homes, rest)?;
            if let Some(rest) = rest.strip_prefix(".config/") {
                found.extend(anchored(&places.config_homes, rest)?);
            }
            if let Some(rest) = rest.strip_prefix(".local/share/") {
                found.extend(anchored(&places.data_homes, rest)?);
            }
            return Ok(found);
        }
        if let Some(rest) = text.strip_prefix("./") {
            return anchored(&places.workspaces, rest);
        }
        if let Some(rest) = text.strip_prefix('/') {
            return anchored(&[b"/".to_vec()], rest);
        }
        let parts = parts(text).map_err(fail)?;
        Ok(vec![Self { anchor: Anchor::AnyDepth, parts, place: None }])
    }

    /// A folder or file by its absolute path, no letter of it special. `None` for a path that is no
    /// real one.
    pub(crate) fn literal(path: &[u8]) -> Option<Self> {
        Some(Self { place: Some(path.to_vec()), ..Self::below(path, &[])? })
    }

    /// The one path this pattern names, as it is on disk.
    pub(crate) fn place(&self) -> Option<&[u8]> {
        self.place.as_deref()
    }

    fn below(base: &[u8], tail: &[Part]) -> Option<Self> {
        let base = names(base).ok()?;
        let head = base.into_iter().map(|name| Part::Exact(fold(name)));
        let parts = head.chain(tail.iter().cloned()).collect();
        Some(Self { anchor: Anchor::Root, parts, place: None })
    }

    /// The name everything it names ends with, when that is a plain one.
    pub(crate) fn last_name(&self) -> Option<&[u8]> {
        match self.parts.last() {
            Some(Part::Exact(name)) => Some(name),
            _ => None,
        }
    }

    /// The shortest part of `path`, longer than `over` names, that this pattern names.
    pub(crate) fn hit_from(&self, path: &[Component], over: usize) -> Option<Hit> {
        let length = self.parts.len();
        let starts = match self.anchor {
            Anchor::Root => 0..1,
            Anchor::AnyDepth => 0..path.len(),
        };
        starts
            .filter(|start| start + length <= path.len())
            .filter(|start| over == 0 || start + length > over)
            .find(|&start| self.fits(&path[start..start + length], length))
            .map(|start| Hit { names: start + length })
    }

    /// Whether `path` without copies is named by this pattern at exactly `names` names, or, for a
    /// pattern with a fixed place, at fewer.
    pub(crate) fn excepts(&self, path: &[Component], names: usize) -> bool {
        let length = self.parts.len();
        let is_here = |start: usize| {
            let slice = &path[start..start + length];
            self.parts.iter().zip(slice).all(|(part, name)| part.matches(&name.folded))
        };
        match self.anchor {
            Anchor::Root => length <= names && is_here(0),
            Anchor::AnyDepth => length <= names && is_here(names - length),
        }
    }

    /// Whether `path` is a folder on the way to something this pattern names.
    pub(crate) fn is_beneath(&self, path: &[Component]) -> bool {
        let known = self.parts.len().saturating_sub(1);
        match self.anchor {
            Anchor::Root => path.len() <= known && self.fits(path, path.len()),
            Anchor::AnyDepth => (1..=known.min(path.len()))
                .any(|length| self.fits(&path[path.len() - length..], length)),
        }
    }

    /// The first `length` parts name `path`; a copy counts for the name it was made from.
    fn fits(&self, path: &[Component], length: usize) -> bool {
        self.parts[..length].iter().zip(path).all(|(part, name)| {
            part.matches(&name.folded) || name.copy_of.iter().any(|copy| part.matches(copy))
        })
    }
}

impl Part {
    fn matches(&self, name: &[u8]) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Any => true,
            Self::Pieces(pieces) => match_pieces(pieces, name),
        }
    }
}

/// Leftmost matches suffice: a later place for a middle piece never helps.
fn match_pieces(pieces: &[Vec<u8>], name: &[u8]) -> bool {
    let [first, middle @ .., last] = pieces else { return false };
    let Some(mut rest) = name.strip_prefix(first.as_slice()) else { return false };
    for piece in middle {
        let found = rest.windows(piece.len().max(1)).position(|window| window == piece.as_slice());
        match found {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn check_letters(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("is empty".into());
    }
    if text.len() > PATTERN_BYTES_MAX {
        return Err(format!("has {} bytes, at most {PATTERN_BYTES_MAX} may be", text.len()));
    }
    if text.contains("**") {
        return Err("** is not supported: a name without a slash holds at any depth".into());
    }
    if let Some(letter) = text.chars().find(|letter| "?[]{}!\\\0".contains(*letter)) {
        return Err(format!("{letter:?} is not supported, only * within a name is"));
    }
    if text.starts_with('~') && !text.starts_with("~/") {
        return Err("~ stands for your own home folder only, as ~/".into());
    }
    Ok(())
}

fn parts(text: &str) -> Result<Vec<Part>, String> {
    let parts: Vec<Part> = text.split('/').map(part).collect::<Result<_, _>>()?;
    let is_any = |part: Option<&Part>| matches!(part, Some(Part::Any));
    if is_any(parts.first()) || is_any(parts.last()) {
        return Err("* alone is supported between two names only".into());
    }
    Ok(parts)
}

fn part(text: &str) -> Result<Part, String> {
    match text {
        "" => Err("has an empty name (two slashes, or one at the end)".into()),
        "." | ".." => Err(format!("{text:?} is not supported inside a pattern")),
        "*" => Ok(Part::Any),
        _ if text.contains('*') => {
            Ok(Part::Pieces(text.split('*').map(|piece| fold(piece.as_bytes())).collect()))
        }
        _ => Ok(Part::Exact(fold(text.as_bytes()))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Hit, Pattern};
    use crate::component::components;
    use crate::places::Places;

    fn places() -> Places {
        Places {
            homes: vec![b"/home/u".to_vec()],
            workspaces: vec![b"/home/u/ws".to_vec()],
            ..Places::default()
        }
    }

    fn hit(pattern: &str, path: &str) -> Option<Hit> {
        let path = components(path.as_bytes()).unwrap();
        Pattern::parse(pattern, &places()).unwrap().iter().find_map(|one| one.hit_from(&path, 0))
    }

    #[test]
    fn names_the_shortest_part_of_a_path() {
        let cases = [
            (".env", "/a/.env", Some(2)),
            (".env", "/a/.env/b/.env", Some(2)),
            (".env", "/a/x.env", None),
            ("*.pem", "/a/b.pem", Some(2)),
            ("*.pem", "/a/b.pem.txt", None),
            ("s*a*t", "/sat", Some(1)),
            ("s*a*t", "/sta", None),
            ("a*a", "/a", None),
            (".git/hooks", "/x/.git/hooks/pre-push", Some(3)),
            (".git/hooks", "/x/.git/a/hooks", None),
            ("~/.ssh", "/home/u/.ssh/id", Some(3)),
            ("~/.ssh", "/home/v/.ssh/id", None),
            ("./k", "/home/u/ws/k", Some(4)),
            ("/etc/shadow", "/etc/shadow-", None),
            ("/etc/shadow", "/etc/shadow", Some(2)),
        ];
        for (pattern, path, names) in cases {
            let wanted = names.map(|names| Hit { names });
            assert_eq!(hit(pattern, path), wanted, "{pattern} on {path}");
        }
    }

    #[test]
    fn refuses_what_it_would_not_honour() {
        let wrong = [
            "", "**/.env", "a?", "[ab]", "{a,b}", "!a", "a\\b", "a//b", "a/", "/", "~", "~/",
            "~bob/x", "./", "..", "a/../b", "*", "*/b", "a/*", "~/*", "a\0",
        ];
        for pattern in wrong {
            assert!(Pattern::parse(pattern, &places()).is_err(), "{pattern:?} was taken");
        }
    }

    #[test]
    fn knows_the_one_path_it_names() {
        let place = |pattern: &str| {
            let found = Pattern::parse(pattern, &places()).unwrap();
            found[0].place().map(|place| String::from_utf8_lossy(place).into_owned())
        };
        assert_eq!(place("/proc").as_deref(), Some("/proc"));
        assert_eq!(place("~/.config/A").as_deref(), Some("/home/u/.config/A"));
        assert_eq!(place("/etc/cron*"), None);
        assert_eq!(place(".env"), None);
    }

    #[test]
    fn knows_the_folders_on_the_way() {
        let cases = [
            ("~/.config/gh", "/home/u/.config", true),
            ("~/.config/gh", "/home/u", true),
            ("~/.config/gh", "/home/u/.config/gh", false),
            ("~/.config/gh", "/home/u/.cache", false),
            (".git/hooks", "/a/.git", true),
            (".git/hooks", "/a/.git/x", false),
            (".env", "/a/b", false),
        ];
        for (pattern, path, wanted) in cases {
            let path = components(path.as_bytes()).unwrap();
            let found = Pattern::parse(pattern, &places()).unwrap();
            assert_eq!(found.iter().any(|one| one.is_beneath(&path)), wanted, "{pattern}");
        }
    }
}

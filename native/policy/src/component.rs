//! A real path taken apart once, each name with the spellings it is compared in.

use crate::error::PathError;
use crate::fold::fold;

/// Longest path that is judged, bytes; the kernel's PATH_MAX.
const PATH_BYTES_MAX: usize = 4096;
/// Spellings of one name beside its own; a name that needs more is all suffixes.
const COPIES_MAX: usize = 8;

/// Endings that editors, tools and people give to copies of a file.
const COPY_ENDINGS: [&[u8]; 23] = [
    b"~",
    b".bak",
    b".backup",
    b".old",
    b".orig",
    b".save",
    b".sav",
    b".tmp",
    b".temp",
    b".copy",
    b".rej",
    b".part",
    b".swp",
    b".swo",
    b".swn",
    b".swx",
    b".swpx",
    b".kate-swp",
    b" (deleted)",
    b" copy",
    b"-copy",
    b"_bak",
    b"-bak",
];

/// One name of a path.
#[derive(Debug)]
pub(crate) struct Component {
    /// As the file system has it, folded.
    pub(crate) folded: Vec<u8>,
    /// The names it may be a copy of: `.env` for `.env.bak~`.
    pub(crate) copy_of: Vec<Vec<u8>>,
}

impl Component {
    pub(crate) fn new(name: &[u8]) -> Self {
        let folded = fold(name);
        let copy_of = originals(&folded);
        Self { folded, copy_of }
    }
}

/// The names of an absolute real path, root first; empty for `/`.
pub(crate) fn components(path: &[u8]) -> Result<Vec<Component>, PathError> {
    names(path).map(|names| names.into_iter().map(Component::new).collect())
}

/// The raw names of an absolute real path.
pub(crate) fn names(path: &[u8]) -> Result<Vec<&[u8]>, PathError> {
    if path.len() > PATH_BYTES_MAX {
        return Err(PathError::TooLong { bytes: path.len(), max: PATH_BYTES_MAX });
    }
    if path.first() != Some(&b'/') {
        return Err(PathError::NotAbsolute);
    }
    if path.contains(&0) {
        return Err(PathError::Nul);
    }
    let names: Vec<&[u8]> = path.split(|&byte| byte == b'/').filter(|n| !n.is_empty()).collect();
    if names.iter().any(|name| matches!(*name, b"." | b"..")) {
        return Err(PathError::NotReal);
    }
    Ok(names)
}

/// What `name` may be a copy of, each step of taking an ending away.
fn originals(name: &[u8]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut at = 0;
    let mut current = name.to_vec();
    while found.len() < COPIES_MAX {
        for next in peeled(&current) {
            if !next.is_empty() && next != name && !found.contains(&next) {
                found.push(next);
            }
        }
        let Some(next) = found.get(at) else { break };
        current.clone_from(next);
        at += 1;
    }
    found
}

/// All names that are `name` with one ending or one wrapping less.
fn peeled(name: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for ending in COPY_ENDINGS {
        if let Some(stem) = name.strip_suffix(ending) {
            out.push(stem.to_vec());
            // Vim and Kate put a dot before the name of their copy.
            if let (true, Some(bare)) = (ending.contains(&b'w'), stem.strip_prefix(b".")) {
                out.push(bare.to_vec());
            }
        }
    }
    if let Some(stem) = without_number(name) {
        out.push(stem.to_vec());
    }
    if let Some(inner) = name.strip_prefix(b".#") {
        out.push(inner.to_vec());
    }
    if let Some(inner) = name.strip_prefix(b"#").and_then(|rest| rest.strip_suffix(b"#")) {
        out.push(inner.to_vec());
    }
    if let Some(stem) = name.strip_suffix(b".").or_else(|| name.strip_suffix(b" ")) {
        out.push(stem.to_vec());
    }
    // NTFS: `name:stream` opens a stream of the file `name`.
    if let Some(colon) = name.iter().position(|&byte| byte == b':') {
        out.push(name[..colon].to_vec());
    }
    out
}

/// `name` without `.12`, `.~12~`, `~12` or ` (12)` at its end.
fn without_number(name: &[u8]) -> Option<&[u8]> {
    let (inner, opens): (&[u8], [&[u8]; 2]) = if let Some(rest) = name.strip_suffix(b"~") {
        (rest, [b".~", b"~"])
    } else if let Some(rest) = name.strip_suffix(b")") {
        (rest, [b" (", b"("])
    } else {
        (name, [b".", b"~"])
    };
    let digits = inner.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let stem = &inner[..inner.len() - digits];
    opens.iter().find_map(|open| stem.strip_suffix(*open))
}

#[cfg(test)]
mod tests {
    use super::{components, names, originals};
    use crate::error::PathError;

    #[test]
    fn knows_the_original_of_a_copy() {
        let copies = [
            ".env~",
            ".env.swp",
            ".env.bak",
            "..env.swp",
            ".#.env",
            "#.env#",
            ".env.~3~",
            ".env.7",
            ".env (2)",
            ".env.bak.old~",
            ".env.",
            ".env ",
            ".env::$data",
            ".env (deleted)",
            ".env copy",
            ".env~1",
        ];
        for copy in copies {
            let found = originals(copy.as_bytes());
            assert!(found.contains(&b".env".to_vec()), "{copy}: {found:?}");
        }
    }

    #[test]
    fn takes_an_ordinary_name_for_no_copy() {
        for name in ["main.rs", "a", ".gitignore", "notes.txt", "\u{e9}t\u{e9}"] {
            assert!(originals(name.as_bytes()).is_empty(), "{name}");
        }
    }

    #[test]
    fn stops_peeling_at_a_bound() {
        let name = "a.bak".to_owned() + &".bak~".repeat(500);
        assert!(originals(name.as_bytes()).len() <= 16);
    }

    #[test]
    fn refuses_a_path_that_is_not_real() {
        let long = [b"/".as_slice(), &[b'a'; 4096]].concat();
        let cases: [(&[u8], PathError); 6] = [
            (b"", PathError::NotAbsolute),
            (b"a/b", PathError::NotAbsolute),
            (b"/a/../b", PathError::NotReal),
            (b"/a/./b", PathError::NotReal),
            (b"/a\0b", PathError::Nul),
            (&long, PathError::TooLong { bytes: 4097, max: 4096 }),
        ];
        for (path, wanted) in cases {
            assert_eq!(components(path).map(|_| ()), Err(wanted));
        }
    }

    #[test]
    fn skips_doubled_slashes() {
        assert_eq!(names(b"//a///b/"), Ok(vec![b"a".as_slice(), b"b"]));
    }
}

//! The command line, as far as the root itself must understand it. Everything it does not know goes to the command
//! line program as it came, which also owns help and usage errors.
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Commands of the command line program.
const COMMANDS: [&str; 15] = [
    "ps", "actor", "call", "tap", "doctor", "quit", "capture", "guard", "audit", "mcp", "model",
    "demo", "help", "open", "serve",
];

/// How the interface is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Window,
    Browser,
}

impl Mode {
    /// As in `BULKHEAD_MODE`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Browser => "browser",
        }
    }
}

/// What the words ask of the root.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// `open` and `serve`: start an instance, or hand over to the one that runs.
    Start(Start),
    /// Anything else: the command line program's.
    Pass {
        /// From `--runtime-dir`.
        runtime_dir: Option<PathBuf>,
    },
}

/// An instance that is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) mode: Mode,
    /// Folder or file, as typed.
    pub(crate) target: Option<OsString>,
    /// Loopback port in browser mode; none takes a free one.
    pub(crate) port: Option<u16>,
    pub(crate) json: bool,
    pub(crate) runtime_dir: Option<PathBuf>,
}

/// Reads the words after the program's name.
pub(crate) fn read(words: &[OsString]) -> Wish {
    let mut scan = Scan::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        scan.word(word, &mut rest);
    }
    let start = scan.start();
    match start {
        Some(start) if !scan.foreign => Wish::Start(start),
        _ => Wish::Pass { runtime_dir: scan.runtime_dir },
    }
}

#[derive(Default)]
struct Scan {
    positional: Vec<OsString>,
    runtime_dir: Option<PathBuf>,
    port: Option<u16>,
    json: bool,
    /// A flag or value that is not ours to judge.
    foreign: bool,
}

impl Scan {
    fn word<'a>(&mut self, word: &OsString, rest: &mut impl Iterator<Item = &'a OsString>) {
        let text = word.to_string_lossy();
        let (flag, inline) = match text.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(OsString::from(value))),
            _ => (text.as_ref(), None),
        };
        match flag {
            "--json" if inline.is_none() => self.json = true,
            "--runtime-dir" => match inline.or_else(|| rest.next().cloned()) {
                Some(folder) if !folder.is_empty() => self.runtime_dir = Some(folder.into()),
                _ => self.foreign = true,
            },
            "--port" => {
                let value = inline.or_else(|| rest.next().cloned());
                let port = value.and_then(|value| value.to_str()?.parse().ok());
                self.foreign |= port.is_none_or(|port: u16| port == 0);
                self.port = port;
            }
            _ if flag.starts_with('-') && flag != "-" => self.foreign = true,
            _ => self.positional.push(word.clone()),
        }
    }

    fn start(&self) -> Option<Start> {
        let first = self.positional.first().and_then(|word| word.to_str()).unwrap_or("open");
        let (mode, targets) = match first {
            "open" => (Mode::Window, self.positional.get(1..).unwrap_or_default()),
            "serve" => (Mode::Browser, self.positional.get(1..).unwrap_or_default()),
            word if is_path(word) => (Mode::Window, self.positional.as_slice()),
            _ => return None,
        };
        let fits = targets.len() <= 1 && (mode == Mode::Browser || self.port.is_none());
        fits.then(|| Start {
            mode,
            target: targets.first().cloned(),
            port: self.port,
            json: self.json,
            runtime_dir: self.runtime_dir.clone(),
        })
    }
}

/// `bulkhead FILE` without a command: a word that is no command but names something that is there.
fn is_path(word: &str) -> bool {
    !COMMANDS.contains(&word) && existing(Path::new(word)).is_some()
}

/// The longest reading of `FILE[:LINE[:COL]]` that exists.
pub(crate) fn existing(word: &Path) -> Option<PathBuf> {
    let mut text = word.to_str()?;
    for _ in 0..3 {
        if Path::new(text).exists() {
            return Some(PathBuf::from(text));
        }
        let (shorter, number) = text.rsplit_once(':')?;
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        text = shorter;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Mode, Start, Wish, existing, read};
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};

    fn check(line: &str) -> Wish {
        read(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    fn start(mode: Mode) -> Start {
        Start { mode, target: None, port: None, json: false, runtime_dir: None }
    }

    #[test]
    fn no_word_opens_the_current_folder() {
        assert_eq!(check(""), Wish::Start(start(Mode::Window)));
        assert_eq!(check("open"), Wish::Start(start(Mode::Window)));
    }

    #[test]
    fn serve_takes_a_port() {
        let wanted = Start {
            port: Some(8080),
            json: true,
            target: Some("src".into()),
            runtime_dir: Some(PathBuf::from("/r")),
            ..start(Mode::Browser)
        };
        assert_eq!(check("serve src --port 8080 --json --runtime-dir /r"), Wish::Start(wanted));
        assert_eq!(
            check("serve --port=9"),
            Wish::Start(Start { port: Some(9), ..start(Mode::Browser) })
        );
    }

    #[test]
    fn what_is_not_ours_is_passed_on() {
        for line in [
            "ps",
            "--help",
            "open --wait x",
            "serve --port 0",
            "serve --port 70000",
            "open --port 5",
            "open a b",
            "nonsense",
            "actor kill terminal",
            "serve --port",
        ] {
            assert!(matches!(check(line), Wish::Pass { .. }), "{line}");
        }
        let dir = Some(PathBuf::from("/r"));
        assert_eq!(check("ps --runtime-dir /r"), Wish::Pass { runtime_dir: dir });
    }

    #[test]
    fn an_existing_file_needs_no_command() {
        let start = Start { target: Some("Cargo.toml:3:1".into()), ..start(Mode::Window) };
        assert_eq!(check("Cargo.toml:3:1"), Wish::Start(start));
    }

    #[test]
    fn the_longest_reading_that_exists_wins() {
        assert_eq!(existing(Path::new("Cargo.toml:12")), Some(PathBuf::from("Cargo.toml")));
        assert_eq!(existing(Path::new("Cargo.toml:12:4")), Some(PathBuf::from("Cargo.toml")));
        assert_eq!(existing(Path::new("Cargo.toml:x")), None);
        assert_eq!(existing(Path::new("nothing")), None);
    }
}

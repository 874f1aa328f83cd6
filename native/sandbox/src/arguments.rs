//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::landlock_wall::Strictness;
use crate::profile::{self, Profile};

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Print what the kernel offers.
    Probe,
    /// Become a program.
    Launch(Launch),
}

/// A program and what it is tied to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Launch {
    /// Process that must be our parent.
    pub(crate) parent: i32,
    /// Runtime dir of the keeper to connect.
    pub(crate) keeper: Option<PathBuf>,
    /// What it may do; without one it is not confined.
    pub(crate) profile: Option<&'static Profile>,
    /// Further paths that the profile may read.
    pub(crate) reads: Vec<PathBuf>,
    pub(crate) strictness: Strictness,
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
}

const USAGE: &str = "usage: bulkhead-launch --parent PID [--keeper DIR] [--profile NAME [--read PATH]... \
                     [--allow-degraded]] -- CMD ARGS... | --probe";
/// Paths of `--read`.
const READS_MAX: usize = 64;

/// Reads the arguments after the program's name; the error is for the person who typed them.
pub(crate) fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Wanted, String> {
    let (mut parent, mut keeper, mut profile) = (None, None, None);
    let (mut reads, mut strictness) = (Vec::new(), Strictness::Whole);
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--probe") => return Ok(Wanted::Probe),
            Some("--parent") => parent = Some(pid(words.next())?),
            Some("--keeper") => {
                keeper = Some(PathBuf::from(words.next().ok_or("--keeper needs a folder")?));
            }
            Some("--profile") => profile = Some(named_profile(words.next())?),
            Some("--read") => reads.push(read_path(words.next(), reads.len())?),
            Some("--allow-degraded") => strictness = Strictness::Degraded,
            Some("--") => {
                let parent = parent.ok_or("--parent is missing")?;
                let program = words.next().ok_or("no command after --")?;
                let arguments = words.collect();
                let launch =
                    Launch { parent, keeper, profile, reads, strictness, program, arguments };
                return Ok(Wanted::Launch(launch));
            }
            _ => return Err(format!("unknown argument {}; {USAGE}", word.display())),
        }
    }
    Err(USAGE.to_owned())
}

fn pid(word: Option<OsString>) -> Result<i32, String> {
    let word = word.ok_or("--parent needs a process id")?;
    let number = word.to_str().and_then(|text| text.parse().ok()).filter(|pid| *pid > 0);
    number.ok_or_else(|| format!("--parent {}: a process id from 1 is needed", word.display()))
}

fn named_profile(word: Option<OsString>) -> Result<&'static Profile, String> {
    let word = word.ok_or("--profile needs a name")?;
    let found = word.to_str().and_then(profile::find);
    found.ok_or_else(|| {
        let names: Vec<_> = profile::ALL.iter().map(|profile| profile.name).collect();
        format!("--profile {}: expected one of {}", word.display(), names.join(", "))
    })
}

fn read_path(word: Option<OsString>, before: usize) -> Result<PathBuf, String> {
    let path = PathBuf::from(word.ok_or("--read needs a path")?);
    if before >= READS_MAX {
        return Err(format!("--read is given more than {READS_MAX} times"));
    }
    if path.is_absolute() {
        return Ok(path);
    }
    Err(format!("--read {}: an absolute path is needed", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Wanted, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn a_launch_keeps_everything_after_the_dashes() {
        let Wanted::Launch(launch) = parsed("--parent 7 --keeper /r -- cmd --parent x").unwrap()
        else {
            panic!("no launch");
        };
        assert_eq!((launch.parent, launch.keeper), (7, Some(PathBuf::from("/r"))));
        assert_eq!(launch.arguments, ["--parent", "x"]);
    }

    #[test]
    fn bad_arguments_are_named() {
        for (line, word) in [
            ("--parent 0 -- x", "--parent 0"),
            ("--parent x -- x", "--parent x"),
            ("-- x", "--parent is missing"),
            ("--parent 1 --", "no command"),
            ("--loud", "--loud"),
            ("--parent 1 --profile fort -- x", "--profile fort: expected one of file-guard"),
            ("--parent 1 --read here -- x", "--read here"),
            ("", "usage"),
        ] {
            assert!(parsed(line).unwrap_err().contains(word), "{line}");
        }
    }
}

//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use bulkhead_policy::Principal;

use crate::landlock_wall::Strictness;
use crate::parent;
use crate::profile::{self, Profile};

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Print what the kernel offers.
    Probe,
    /// Become a program.
    Launch(Box<Launch>),
}

/// A program and what it is tied to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Launch {
    /// Process that must be our parent. `caller` on the command line is whoever started us: for programs of the
    /// runner, whose guard ends all that it leaves.
    pub(crate) parent: i32,
    /// Runtime dir of the keeper to connect.
    pub(crate) keeper: Option<PathBuf>,
    /// What it may do; without one it is not confined.
    pub(crate) profile: Option<&'static Profile>,
    /// Further paths that the profile may read.
    pub(crate) reads: Vec<PathBuf>,
    /// Further folders that the profile may write, if it has a place for them.
    pub(crate) writes: Vec<PathBuf>,
    /// Ports that a foreign program may connect to.
    pub(crate) ports: Vec<u16>,
    /// For whom a foreign program works, where that is not told by its profile.
    pub(crate) principal: Option<Principal>,
    /// Variables passed beside the usual ones.
    pub(crate) kept: Vec<OsString>,
    pub(crate) strictness: Strictness,
    /// What rules close to a foreign program is told on descriptor 3.
    pub(crate) tells_refusals: bool,
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
}

const USAGE: &str = "usage: bulkhead-launch --parent PID|caller [--keeper DIR] [--profile NAME [--read PATH]... [--write PATH]... \
                     [--port N]... [--keep VARIABLE]... [--principal WHO] [--refusals] [--allow-degraded]] -- CMD ARGS... | --probe";
/// How often an option may be repeated.
const REPEATS_MAX: usize = 64;

/// Reads the arguments after the program's name; the error is for the person who typed them.
pub(crate) fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Wanted, String> {
    let mut parent = None;
    let mut launch = Launch::default();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--probe") => return Ok(Wanted::Probe),
            Some("--parent") => parent = Some(pid(words.next())?),
            Some("--keeper") => {
                launch.keeper = Some(words.next().ok_or("--keeper needs a folder")?.into());
            }
            Some("--profile") => launch.profile = Some(named_profile(words.next())?),
            Some("--read") => add(&mut launch.reads, "--read", path("--read", words.next())?)?,
            Some("--write") => add(&mut launch.writes, "--write", path("--write", words.next())?)?,
            Some("--port") => add(&mut launch.ports, "--port", port(words.next())?)?,
            Some("--keep") => {
                let name = words.next().ok_or("--keep needs the name of a variable")?;
                add(&mut launch.kept, "--keep", name)?;
            }
            Some("--principal") => launch.principal = Some(principal(words.next())?),
            Some("--refusals") => launch.tells_refusals = true,
            Some("--allow-degraded") => launch.strictness = Strictness::Degraded,
            Some("--") => {
                launch.parent = parent.ok_or("--parent is missing")?;
                launch.program = words.next().ok_or("no command after --")?;
                launch.arguments = words.collect();
                return Ok(Wanted::Launch(Box::new(launch)));
            }
            _ => return Err(format!("unknown argument {}; {USAGE}", word.display())),
        }
    }
    Err(USAGE.to_owned())
}

fn add<T>(list: &mut Vec<T>, option: &str, one: T) -> Result<(), String> {
    if list.len() >= REPEATS_MAX {
        return Err(format!("{option} is given more than {REPEATS_MAX} times"));
    }
    list.push(one);
    Ok(())
}

fn port(word: Option<OsString>) -> Result<u16, String> {
    let word = word.ok_or("--port needs a number")?;
    let number = word.to_str().and_then(|text| text.parse().ok()).filter(|port| *port > 0);
    number.ok_or_else(|| format!("--port {}: a number from 1 to 65535 is needed", word.display()))
}

fn principal(word: Option<OsString>) -> Result<Principal, String> {
    let word = word.ok_or("--principal needs a name")?;
    let found = word.to_str().and_then(Principal::parse).filter(Principal::is_program);
    found.ok_or_else(|| format!("--principal {}: expected agent or mcp:NAME", word.display()))
}

fn pid(word: Option<OsString>) -> Result<i32, String> {
    let word = word.ok_or("--parent needs a process id")?;
    if word == "caller" {
        return Ok(parent::caller());
    }
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

fn path(option: &str, word: Option<OsString>) -> Result<PathBuf, String> {
    let path = PathBuf::from(word.ok_or_else(|| format!("{option} needs a path"))?);
    if path.is_absolute() {
        return Ok(path);
    }
    Err(format!("{option} {}: an absolute path is needed", path.display()))
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
    fn the_caller_is_who_started_us() {
        let Wanted::Launch(launch) = parsed("--parent caller -- cmd").unwrap() else {
            panic!("no launch");
        };
        assert!(launch.parent > 0 && parent::is(launch.parent));
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
            ("--parent 1 --write here -- x", "--write here"),
            ("--parent 1 --port 0 -- x", "--port 0"),
            ("--parent 1 --principal person -- x", "--principal person"),
            ("", "usage"),
        ] {
            assert!(parsed(line).unwrap_err().contains(word), "{line}");
        }
    }
}

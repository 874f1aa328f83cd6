//! No program of others runs without walls: every start goes through `bulkhead-launch`.
//!
//! The agent's and a server's programs are named by profile, and the call of the launcher is written here. Our own
//! profiles (git's) are called by the actor that knows them, with the launcher's whole command line.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::{Path, PathBuf};

use bulkhead_wire::WireError;

use super::messages::Spawn;
use crate::program::Program as Executable;

/// Variables that say where this instance and its person live: always ours, whatever a request says, since the rules
/// are found by them.
const OURS: &[&str] = &["HOME", "USER", "LOGNAME"];
const OUR_FAMILIES: &[&str] = &["BULKHEAD_", "XDG_"];
/// Of the instance, and of no program's business.
const NOT_PASSED: &[&str] = &["BULKHEAD_ACTOR"];
/// Variables that git may keep beside those the launcher passes.
const KEPT_BY_GIT: &[&str] = &["GIT_NO_LAZY_FETCH", "GIT_TERMINAL_PROMPT"];
/// Longest text of a command in the audit log.
const COMMAND_CHARS_MAX: usize = 4096;

/// A program that is recorded before it is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Foreign {
    pub(super) principal: String,
    /// Its words, for a person.
    pub(super) command: String,
    pub(super) cwd: String,
}

/// The launcher beside this program.
pub(super) fn launcher_beside_us() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.with_file_name("bulkhead-launch")
}

/// Makes a request one of the launcher, or refuses it. What is foreign has to be recorded first.
pub(super) fn confine(request: &mut Spawn, launcher: &Path) -> Result<Option<Foreign>, WireError> {
    let Some(profile) = request.profile.clone() else {
        if !calls_launcher(&request.argv, launcher) {
            return Err(not_confined());
        }
        correct_ours(&mut request.env, |name| std::env::var(name).ok());
        return Ok(None);
    };
    let principal = principal_of(&profile, request.principal.as_deref())?;
    find(request)?;
    let foreign = Foreign {
        principal: principal.clone(),
        command: shown(&request.argv),
        cwd: request.cwd.clone(),
    };
    let mut argv = vec![launcher.display().to_string(), "--refusals".to_owned()];
    for (option, value) in
        [("--parent", "caller"), ("--profile", &*profile), ("--principal", &*principal)]
    {
        argv.extend([option.to_owned(), value.to_owned()]);
    }
    let lists = [("--read", request.reads.clone()), ("--keep", request.keep.clone())];
    let ports = request.ports.iter().map(ToString::to_string).collect();
    for (option, values) in lists.into_iter().chain([("--port", ports)]) {
        for value in values {
            argv.extend([option.to_owned(), value]);
        }
    }
    argv.push("--".to_owned());
    argv.append(&mut request.argv);
    request.argv = argv;
    add_ours(&mut request.env, std::env::vars());
    Ok(Some(foreign))
}

/// The launcher with git's profile and nothing that widens it: every word before `--` is known here.
fn calls_launcher(argv: &[String], launcher: &Path) -> bool {
    let (Some(program), Ok(launcher)) = (argv.first(), launcher.canonicalize()) else {
        return false;
    };
    let end = argv.iter().position(|word| word == "--").unwrap_or(0);
    let Some(options) = argv.get(1..end) else { return false };
    let mut words = options.iter().map(String::as_str);
    let mut profiles = 0;
    while let Some(word) = words.next() {
        let is_known = match word {
            "--allow-degraded" => true,
            "--parent" => words.next() == Some("caller"),
            "--keep" => words.next().is_some_and(|name| KEPT_BY_GIT.contains(&name)),
            "--profile" => {
                profiles += 1;
                words.next() == Some("git-read")
            }
            _ => false,
        };
        if !is_known {
            return false;
        }
    }
    profiles == 1 && Path::new(program).canonicalize().is_ok_and(|path| path == launcher)
}

fn principal_of(profile: &str, principal: Option<&str>) -> Result<String, WireError> {
    match (profile, principal) {
        ("agent", None | Some("agent")) => Ok("agent".to_owned()),
        ("mcp-server", Some(name)) if name.len() > 4 && name.starts_with("mcp:") => {
            Ok(name.to_owned())
        }
        _ => {
            let told = principal.unwrap_or("none");
            let text = format!("profile {profile:?} does not go with principal {told:?}");
            Err(WireError::new("bus/invalid", text).with(told, None))
        }
    }
}

/// What the launcher could only say by its exit code.
fn find(request: &Spawn) -> Result<(), WireError> {
    let program = Executable::new(&request.argv, &request.env, &request.cwd)?;
    let is_there = |candidate: &CString| {
        let path = Path::new(&request.cwd).join(candidate.to_string_lossy().as_ref());
        path.is_file() && rustix::fs::access(&path, rustix::fs::Access::EXEC_OK).is_ok()
    };
    if program.candidates.iter().any(is_there) {
        return Ok(());
    }
    let name = request.argv.first().map_or("", String::as_str);
    let text = format!("{name} cannot be run: there is no such program");
    Err(WireError::new("runner/not-found", text).with(name, None))
}

/// What is ours among the variables that were asked for has our value, or none.
fn correct_ours(env: &mut BTreeMap<String, String>, own: impl Fn(&str) -> Option<String>) {
    env.retain(|name, value| {
        if !is_ours(name) {
            return true;
        }
        let found = own(name);
        let is_there = found.is_some();
        *value = found.unwrap_or_default();
        is_there
    });
}

fn is_ours(name: &str) -> bool {
    OURS.contains(&name) || OUR_FAMILIES.iter().any(|family| name.starts_with(family))
}

fn add_ours(env: &mut BTreeMap<String, String>, own: impl Iterator<Item = (String, String)>) {
    env.retain(|name, _| !is_ours(name));
    env.extend(own.filter(|(name, _)| is_ours(name) && !NOT_PASSED.contains(&name.as_str())));
}

fn shown(argv: &[String]) -> String {
    argv.join(" ").chars().take(COMMAND_CHARS_MAX).collect()
}

fn not_confined() -> WireError {
    let text = "a program is only run behind walls: name its profile, agent or mcp-server";
    WireError::new("runner/not-confined", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(argv: &[&str], profile: Option<&str>, principal: Option<&str>) -> Spawn {
        Spawn {
            argv: argv.iter().map(ToString::to_string).collect(),
            cwd: "/".to_owned(),
            env: [("PATH".to_owned(), "/usr/bin:/bin".to_owned())].into(),
            profile: profile.map(str::to_owned),
            principal: principal.map(str::to_owned),
            reads: vec!["/opt/x".to_owned()],
            ports: vec![443],
            keep: vec!["API_KEY".to_owned()],
        }
    }

    #[test]
    fn a_foreign_program_becomes_a_call_of_the_launcher() {
        let mut request = asked(&["sh", "-c", "true"], Some("mcp-server"), Some("mcp:files"));
        let foreign = confine(&mut request, Path::new("/l/bulkhead-launch")).unwrap().unwrap();
        assert_eq!(
            (foreign.command.as_str(), foreign.principal.as_str()),
            ("sh -c true", "mcp:files")
        );
        let words = "/l/bulkhead-launch --refusals --parent caller --profile mcp-server --principal mcp:files \
                     --read /opt/x --keep API_KEY --port 443 -- sh -c true";
        assert_eq!(request.argv.join(" "), words);
    }

    #[test]
    fn nothing_runs_without_walls() {
        let own = std::env::current_exe().unwrap();
        let launcher = own.display().to_string();
        let git = [&*launcher, "--parent", "caller", "--profile", "git-read"];
        for more in [&["--", "git"][..], &["--keep", "GIT_TERMINAL_PROMPT", "--", "git"]] {
            let argv: Vec<&str> = git.iter().chain(more).copied().collect();
            assert_eq!(confine(&mut asked(&argv, None, None), &own), Ok(None), "{argv:?}");
        }
        for widened in [
            &["--port", "443"][..],
            &["--read", "/"],
            &["--keep", "LD_PRELOAD"],
            &["--profile", "git-read"],
            &["--parent", "1"],
            &["--principal", "person"],
            &["--keep"],
        ] {
            let argv: Vec<&str> =
                git.iter().chain(widened).chain(&["--", "git"]).copied().collect();
            let error = confine(&mut asked(&argv, None, None), &own).unwrap_err();
            assert_eq!(error.code, "runner/not-confined", "{argv:?}");
        }
        let ours = [&*launcher, "--parent", "caller", "--profile", "file-guard", "--", "sh"];
        let agent = [&*launcher, "--parent", "caller", "--profile", "agent", "--", "sh"];
        let twice = [
            &*launcher,
            "--profile",
            "git-read",
            "--profile",
            "agent",
            "--parent",
            "1",
            "--",
            "sh",
        ];
        let open = [&*launcher, "--parent", "caller", "--", "sh", "--profile", "git-read"];
        let no_launcher = ["/bin/sh", "--profile", "git-read", "--"];
        let cases: [&[&str]; 7] = [&["/bin/sh"], &[], &agent, &ours, &twice, &open, &no_launcher];
        for argv in cases {
            let error = confine(&mut asked(argv, None, None), &own).unwrap_err();
            assert_eq!(error.code, "runner/not-confined", "{argv:?}");
        }
    }

    #[test]
    fn profile_and_principal_have_to_fit() {
        for (profile, principal) in [
            ("agent", Some("person")),
            ("agent", Some("mcp:files")),
            ("mcp-server", None),
            ("mcp-server", Some("agent")),
            ("mcp-server", Some("mcp:")),
            ("git-read", None),
            ("file-guard", Some("agent")),
        ] {
            let mut request = asked(&["sh"], Some(profile), principal);
            let error = confine(&mut request, Path::new("/l")).unwrap_err();
            assert_eq!(error.code, "bus/invalid", "{profile} {principal:?}");
        }
    }

    #[test]
    fn git_lives_where_we_do() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut env: BTreeMap<_, _> =
            [pair("HOME", "/evil"), pair("XDG_DATA_HOME", "/evil"), pair("LANG", "C")].into();
        correct_ours(&mut env, |name| (name == "HOME").then(|| "/home/me".to_owned()));
        assert_eq!(env, [pair("HOME", "/home/me"), pair("LANG", "C")].into());
    }

    #[test]
    fn where_the_person_lives_is_not_the_requests_to_say() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut env: BTreeMap<_, _> =
            [pair("HOME", "/evil"), pair("XDG_DATA_HOME", "/evil"), pair("LANG", "C")].into();
        let own = [pair("HOME", "/home/me"), pair("BULKHEAD_ACTOR", "runner"), pair("SECRET", "x")];
        add_ours(&mut env, own.into_iter());
        assert_eq!(env, [pair("HOME", "/home/me"), pair("LANG", "C")].into());
    }
}

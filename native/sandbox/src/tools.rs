//! Where the person's own programs lie: a program without its language's tools is of no use.

use std::env;
use std::path::{Path, PathBuf};

/// Folders below the home folder in which language tools keep their programs. What is secret in them is closed by
/// the policy.
const BELOW_HOME: &[&str] = &[
    ".asdf",
    ".bun",
    ".cargo",
    ".deno",
    ".local/bin",
    ".local/lib",
    ".local/share/mise",
    ".local/share/pnpm",
    ".local/share/uv",
    ".nvm",
    ".pyenv",
    ".rbenv",
    ".rustup",
    ".sdkman",
    ".volta",
    "go",
    "sdk",
];
const GIT_SETTINGS: &[&str] =
    &[".gitconfig", ".config/git/attributes", ".config/git/config", ".config/git/ignore"];
/// Folders whose parent holds what the programs in them need.
const PROGRAM_FOLDERS: &[&str] = &["bin", "sbin", "shims"];

/// The program's own, those of PATH, and the known ones.
pub(crate) fn tools(program: &Path) -> Vec<PathBuf> {
    let mut tools = Vec::new();
    let home = home();
    let real = program.canonicalize().ok();
    for program in [Some(program.to_path_buf()), real].into_iter().flatten() {
        if let Some(folder) = program.parent() {
            tools.push(around(folder, home.as_deref()));
        }
    }
    let path = env::var_os("PATH").unwrap_or_default();
    for folder in env::split_paths(&path).filter(|folder| folder.is_absolute()) {
        tools.push(around(&folder, home.as_deref()));
    }
    let known = BELOW_HOME.iter().filter_map(|name| Some(home.as_ref()?.join(name)));
    tools.extend(known);
    tools.retain(|path| path.parent().is_some());
    tools
}

/// Files that git reads for every command.
pub(crate) fn git_settings() -> Vec<PathBuf> {
    let home = home();
    GIT_SETTINGS.iter().filter_map(|name| Some(home.as_ref()?.join(name))).collect()
}

fn home() -> Option<PathBuf> {
    env::var_os("HOME").map(PathBuf::from).filter(|path| path.is_absolute())
}

/// `x/bin` stands for `x`, unless that is the home folder, above it, or two names from the root.
fn around(folder: &Path, home: Option<&Path>) -> PathBuf {
    let is_program_folder =
        folder.file_name().is_some_and(|name| PROGRAM_FOLDERS.iter().any(|one| name == *one));
    let parent = folder.parent().filter(|_| is_program_folder);
    match parent {
        Some(parent) if is_narrow(parent, home) => parent.to_path_buf(),
        _ => folder.to_path_buf(),
    }
}

fn is_narrow(parent: &Path, home: Option<&Path>) -> bool {
    let local = home.map(|home| home.join(".local"));
    parent.components().count() > 2
        && !home.is_some_and(|home| home.starts_with(parent))
        && local.as_deref() != Some(parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_programs_stands_for_its_parent_unless_that_is_wide() {
        for (folder, expected) in [
            ("/home/u/.nvm/v24/bin", "/home/u/.nvm/v24"),
            ("/home/u/.pyenv/shims", "/home/u/.pyenv"),
            ("/home/u/bin", "/home/u/bin"),
            ("/home/u/.local/bin", "/home/u/.local/bin"),
            ("/home/u/ws/scripts", "/home/u/ws/scripts"),
            ("/usr/bin", "/usr/bin"),
            ("/home/bin", "/home/bin"),
        ] {
            let around = around(Path::new(folder), Some(Path::new("/home/u")));
            assert_eq!(around, Path::new(expected), "{folder}");
        }
    }
}

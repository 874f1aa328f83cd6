//! Which workspace, and whether a file in it, the words of `open` mean.
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::instance::{Instance, Surroundings};
use crate::lock;
use crate::words::{Start, existing};

/// What shall be opened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Folder, as given.
    pub(crate) workspace: PathBuf,
    pub(crate) runtime_dir: Option<PathBuf>,
    /// A file was named: the instance is asked to show it.
    pub(crate) file: bool,
}

/// Resolves the words against the current folder and the instances that run.
///
/// # Errors
/// The folder or file is not there.
pub(crate) fn find(start: &Start, around: &Surroundings) -> Result<Target, Failure> {
    let word = start.target.clone().unwrap_or_else(|| ".".into());
    let path = Path::new(&word);
    let found = existing(path)
        .ok_or_else(|| Failure::new(format!("no such file or folder: {}", path.display())))?;
    let runtime_dir = start.runtime_dir.clone();
    if found.is_dir() {
        return Ok(Target { workspace: found, runtime_dir, file: false });
    }
    let workspace = workspace_of(&found, around)?;
    Ok(Target { workspace, runtime_dir: runtime_dir.or_else(of_this_shell), file: true })
}

/// The folder above the file whose instance runs; else the current one when it holds the file; else the file's own.
fn workspace_of(file: &Path, around: &Surroundings) -> Result<PathBuf, Failure> {
    let real = std::fs::canonicalize(file)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    let runs = |folder: &&Path| {
        Instance::of(folder, None, around).is_ok_and(|one| lock::is_held(&one.runtime_dir))
    };
    if let Some(folder) = real.ancestors().skip(1).find(runs) {
        return Ok(folder.to_path_buf());
    }
    let here = std::env::current_dir().unwrap_or_default();
    let here = std::fs::canonicalize(here).unwrap_or_default();
    let own = real.parent().unwrap_or(Path::new("/"));
    Ok(if real.starts_with(&here) { here } else { own.to_path_buf() })
}

/// In a shell of ours the file opens in the instance of that shell.
fn of_this_shell() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("BULKHEAD_RUNTIME_DIR")?);
    lock::is_held(&folder).then_some(folder)
}

/// Behind the front process the current folder is `/`; relative words mean the folder it was started in.
///
/// # Errors
/// That folder is gone.
pub(crate) fn enter_folder() -> Result<(), Failure> {
    let Some(folder) = std::env::var_os("BULKHEAD_FROM") else { return Ok(()) };
    std::env::set_current_dir(&folder)
        .map_err(|error| Failure::new(format!("{}: {error}", Path::new(&folder).display())))
}

/// Whether a window could be shown.
pub(crate) fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// `bulkhead FILE` becomes `open FILE` for the command line program.
pub(crate) fn with_command(words: &[OsString]) -> Vec<OsString> {
    let named = words.iter().any(|word| word == "open" || word == "serve");
    let mut all: Vec<OsString> = if named { Vec::new() } else { vec!["open".into()] };
    all.extend(words.iter().cloned());
    all
}

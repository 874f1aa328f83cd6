//! Whether the renderer can run in WebKit's own sandbox here. Asked for where it cannot, WebKit shows no page at all.
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Programs WebKit's sandbox is made of.
const PROGRAMS: [&str; 2] = ["bwrap", "xdg-dbus-proxy"];

/// Tries the sandbox.
///
/// # Errors
/// Why it is off, as a sentence for a person.
pub(crate) fn probe() -> Result<(), String> {
    for program in PROGRAMS {
        if !on_path(program) {
            return Err(format!(
                "{program} is missing. Install it: sudo apt-get install bubblewrap xdg-dbus-proxy"
            ));
        }
    }
    let tried = Command::new("bwrap")
        .args(["--ro-bind", "/", "/", "--unshare-user", "--unshare-pid", "--", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match tried {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("bubblewrap cannot make user namespaces here ({status}).")),
        Err(error) => Err(format!("bubblewrap cannot be started: {error}.")),
    }
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .any(|file: PathBuf| file.is_file())
}

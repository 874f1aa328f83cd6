//! Becomes the command line program, which speaks to the instance that runs.
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::layout::Layout;

/// Replaces this process by the command line program with `words`. `runtime_dir` is the instance it falls back on.
pub(crate) fn exec(
    layout: &Layout,
    node: &Path,
    runtime_dir: Option<&Path>,
    words: &[OsString],
) -> Failure {
    let program = layout.bundle("cli.mjs");
    if !program.is_file() {
        return Failure::new(format!("{} is missing: run npm run build", program.display()));
    }
    let mut command = Command::new(node);
    command.arg(program).args(words).env("BULKHEAD_HOME", &layout.home).env("BULKHEAD_NODE", node);
    if let Some(folder) = runtime_dir {
        command.env("BULKHEAD_RUNTIME_DIR_DEFAULT", folder);
    }
    let error = command.exec();
    Failure::new(format!("{} cannot be started: {error}", node.display()))
}

//! Becomes the command line program, which speaks to the instance that runs.
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::layout::Layout;

/// Counts how often a start was handed over. The command line program becomes this one again while it finds nobody.
const HANDED_OVER: &str = "BULKHEAD_HANDED_OVER";

/// Replaces this process by the command line program with `words`. `runtime_dir` is the instance it falls back on.
pub(crate) fn exec(
    layout: &Layout,
    node: &Path,
    runtime_dir: &Path,
    words: &[OsString],
) -> Failure {
    become_cli(layout, node, runtime_dir, words, &[])
}

/// The same for words that start an instance. Whoever held the lock may be ending: then the program comes back here.
pub(crate) fn exec_start(
    layout: &Layout,
    node: &Path,
    runtime_dir: &Path,
    words: &[OsString],
) -> Failure {
    let before = std::env::var(HANDED_OVER).ok().and_then(|text| text.parse::<u32>().ok());
    let count = before.unwrap_or(0).saturating_add(1).to_string();
    become_cli(layout, node, runtime_dir, words, &[(HANDED_OVER, &count)])
}

fn become_cli(
    layout: &Layout,
    node: &Path,
    runtime_dir: &Path,
    words: &[OsString],
    variables: &[(&str, &str)],
) -> Failure {
    let program = layout.bundle("cli.mjs");
    if !program.is_file() {
        return Failure::new(format!("{} is missing: run npm run build", program.display()));
    }
    let error = Command::new(node)
        .arg(program)
        .args(words)
        .env("BULKHEAD_HOME", &layout.home)
        .env("BULKHEAD_NODE", node)
        .env("BULKHEAD_RUNTIME_DIR_DEFAULT", runtime_dir)
        .envs(variables.iter().copied())
        .exec();
    Failure::new(format!("{} cannot be started: {error}", node.display()))
}

//! Finds the web process of a window: a descendant that WebKit named so.
use std::fs;

/// Start of `WebKitWebProcess` as the kernel keeps it.
const NAME: &str = "WebKitWebProces";
/// Processes looked at; a window has about six descendants.
const LOOKS_MAX: usize = 64;

/// Pid of the web process below `window`, if it runs.
pub(crate) fn page_of(window: u32) -> Option<u32> {
    let mut waiting = vec![window];
    for _ in 0..LOOKS_MAX {
        let pid = waiting.pop()?;
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        if pid != window && name.trim_end() == NAME {
            return Some(pid);
        }
        waiting.extend(children_of(pid));
    }
    None
}

fn children_of(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|text| {
            text.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<_>>()
        })
        .collect()
}

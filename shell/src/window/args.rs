//! The command line of `bulkhead-window`. Only the root and tests call it.
use std::path::PathBuf;

use crate::error::WindowError;

/// What this process was started for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// The window on a hub.
    Window {
        /// Folder that holds `hub.sock` and `token`.
        runtime_dir: PathBuf,
        /// `window/1`, as the root counts.
        name: String,
    },
    /// One plain dialog described by this JSON, then the number of the pressed button on stdout.
    Dialog(String),
    /// Starts GTK and WebKit's library and ends: proves that both can be loaded.
    Probe,
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// `window/usage`, with the offending word.
pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Task, WindowError> {
    let mut words = words;
    let mut runtime_dir = None;
    let mut name = String::from("window/1");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--runtime-dir" => runtime_dir = Some(PathBuf::from(value(&word, &mut words)?)),
            "--name" => name = value(&word, &mut words)?,
            "--dialog" => return Ok(Task::Dialog(value(&word, &mut words)?)),
            "--probe" => return Ok(Task::Probe),
            _ => return Err(usage(format!("unknown argument {word:?}"))),
        }
    }
    let runtime_dir = runtime_dir.ok_or_else(|| usage("--runtime-dir is missing".into()))?;
    Ok(Task::Window { runtime_dir, name })
}

fn value(flag: &str, words: &mut impl Iterator<Item = String>) -> Result<String, WindowError> {
    words.next().ok_or_else(|| usage(format!("{flag} needs a value")))
}

fn usage(what: String) -> WindowError {
    let form = "bulkhead-window --runtime-dir DIR [--name window/N] | --dialog JSON | --probe";
    WindowError::new("window/usage", format!("{what}; usage: {form}"))
}

#[cfg(test)]
mod tests {
    use super::{Task, parse};
    use std::path::PathBuf;

    fn words(line: &str) -> impl Iterator<Item = String> {
        line.split_whitespace().map(String::from).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn a_window_needs_its_runtime_dir() {
        let task = parse(words("--runtime-dir /r --name window/2")).unwrap();
        assert_eq!(
            task,
            Task::Window { runtime_dir: PathBuf::from("/r"), name: "window/2".into() }
        );
        assert!(parse(words("--name window/2")).is_err());
    }

    #[test]
    fn an_unknown_word_is_named() {
        let error = parse(words("--runtime-dir /r --colour red")).unwrap_err();
        assert!(error.message.contains("--colour"), "{}", error.message);
    }
}

//! What to run: arguments, environment and folder of a request, checked and ready for exec.

use std::collections::BTreeMap;
use std::ffi::{CString, c_char};

use bulkhead_wire::WireError;

/// Arguments, at most this many.
pub(crate) const ARGUMENTS_MAX: usize = 1_024;
/// Variables, at most this many.
pub(crate) const VARIABLES_MAX: usize = 4_096;
/// Arguments and environment together; the kernel allows a quarter of the stack, 2 MiB.
pub(crate) const BYTES_MAX: usize = 1024 * 1024;

const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A program that can be started: nothing needs memory any more.
#[derive(Debug)]
pub(crate) struct Program {
    /// Where it may lie, in the order of the request's own PATH.
    pub(crate) candidates: Vec<CString>,
    pub(crate) folder: CString,
    arguments: Vec<CString>,
    environment: Vec<CString>,
}

impl Program {
    /// Checks a request. Errors: `bus/invalid` with the offending value and its bound.
    pub(crate) fn new(
        argv: &[String],
        env: &BTreeMap<String, String>,
        cwd: &str,
    ) -> Result<Self, WireError> {
        let program = argv.first().filter(|program| !program.is_empty());
        let program = program.ok_or_else(|| invalid("argv", "is empty", ""))?;
        check_sizes(argv, env)?;
        if !cwd.starts_with('/') {
            return Err(invalid("cwd", "is not absolute", cwd));
        }
        let mut environment = Vec::with_capacity(env.len());
        for (name, value) in env {
            if name.is_empty() || name.contains('=') {
                return Err(invalid("env", "has a bad name", name));
            }
            environment.push(text(&format!("{name}={value}"), "env")?);
        }
        let search = env.get("PATH").map_or(DEFAULT_PATH, String::as_str);
        Ok(Self {
            candidates: candidates(program, search)?,
            folder: text(cwd, "cwd")?,
            arguments: argv.iter().map(|word| text(word, "argv")).collect::<Result<_, _>>()?,
            environment,
        })
    }

    /// Pointers for execve, ended by null; valid as long as `self`.
    pub(crate) fn argument_pointers(&self) -> Vec<*const c_char> {
        pointers(&self.arguments)
    }

    /// As [`Program::argument_pointers`], of the environment.
    pub(crate) fn environment_pointers(&self) -> Vec<*const c_char> {
        pointers(&self.environment)
    }
}

fn pointers(words: &[CString]) -> Vec<*const c_char> {
    words.iter().map(|word| word.as_ptr()).chain([std::ptr::null()]).collect()
}

fn check_sizes(argv: &[String], env: &BTreeMap<String, String>) -> Result<(), WireError> {
    if argv.len() > ARGUMENTS_MAX {
        return Err(invalid("argv", "has over 1024 words", &argv.len().to_string()));
    }
    if env.len() > VARIABLES_MAX {
        return Err(invalid("env", "has over 4096 variables", &env.len().to_string()));
    }
    let words: usize = argv.iter().map(|word| word.len() + 1).sum();
    let variables: usize = env.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    if words + variables > BYTES_MAX {
        let bytes = (words + variables).to_string();
        return Err(invalid("argv and env", "have over 1048576 bytes", &bytes));
    }
    Ok(())
}

fn candidates(program: &str, search: &str) -> Result<Vec<CString>, WireError> {
    if program.contains('/') {
        return Ok(vec![text(program, "argv")?]);
    }
    let folders = search.split(':').map(|folder| if folder.is_empty() { "." } else { folder });
    folders.map(|folder| text(&format!("{folder}/{program}"), "PATH")).collect()
}

fn text(value: &str, field: &str) -> Result<CString, WireError> {
    CString::new(value).map_err(|_| invalid(field, "holds a NUL byte", value))
}

fn invalid(field: &str, what: &str, value: &str) -> WireError {
    let shown: String = value.chars().take(200).collect();
    WireError::new("bus/invalid", format!("{field} {what}: {shown:?}")).with(shown, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(argv: &[&str], env: &[(&str, &str)], cwd: &str) -> Result<Program, WireError> {
        let argv: Vec<String> = argv.iter().map(ToString::to_string).collect();
        let env = env.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Program::new(&argv, &env, cwd)
    }

    #[test]
    fn the_search_path_is_the_one_of_the_request() {
        let program = make(&["sh"], &[("PATH", "/a::/b")], "/").unwrap();
        assert_eq!(
            program.candidates,
            [c"/a/sh".to_owned(), c"./sh".to_owned(), c"/b/sh".to_owned()]
        );
        assert_eq!(make(&["/x/sh"], &[], "/").unwrap().candidates, [c"/x/sh".to_owned()]);
    }

    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str, &'a str);

    #[test]
    fn bad_requests_name_the_value() {
        let long = "x".repeat(BYTES_MAX);
        let cases: [Case<'_>; 6] = [
            (&[], &[], "/", "argv is empty"),
            (&["a\0"], &[], "/", "NUL"),
            (&["a"], &[("B=C", "")], "/", "B=C"),
            (&["a"], &[("", "")], "/", "bad name"),
            (&["a"], &[], "tmp", "\"tmp\""),
            (&["a", &long], &[], "/", "1048576"),
        ];
        for (argv, env, cwd, part) in cases {
            let error = make(argv, env, cwd).unwrap_err();
            assert_eq!(error.code, "bus/invalid");
            assert!(error.message.contains(part), "{}", error.message);
        }
    }
}

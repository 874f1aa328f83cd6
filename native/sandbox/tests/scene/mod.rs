//! A home folder, a workspace with closed files in it, and programs started there under a profile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const LAUNCHER: &str = env!("CARGO_BIN_EXE_bulkhead-launch");
const LIMIT: Duration = Duration::from_secs(20);
const NOT_CONFINED: i32 = 125;

/// Removed at the end.
pub(crate) struct Scene(PathBuf);

impl Scene {
    /// `None` where this machine lacks something: then the refusal has been checked, and there is nothing to look at.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let path = std::env::temp_dir().join(format!("bh-{name}-{}", std::process::id()));
        let scene = Self(path.canonicalize().unwrap_or(path));
        for folder in ["home/.ssh", "home/ws/deep", "home/ws/.git/hooks", "state", "config"] {
            fs::create_dir_all(scene.0.join(folder)).unwrap();
        }
        for (file, contents) in [
            ("home/.ssh/id_rsa", "SECRET"),
            ("home/.ssh/config", "SECRET"),
            ("home/.gitconfig", "[user]\n"),
            ("home/notes.txt", "SECRET"),
            ("home/ws/.env", "SECRET=1\n"),
            ("home/ws/deep/.env", "SECRET=2\n"),
            ("home/ws/key.pem", "SECRET"),
            ("home/ws/.git/config", "[core]\n"),
            ("home/ws/plain.txt", "plain\n"),
            ("home/ws/deep/inside.txt", "inside\n"),
        ] {
            fs::write(scene.0.join(file), contents).unwrap();
        }
        let refused = scene.shell("echo started");
        if refused.status.success() {
            return Some(scene);
        }
        let said = text(&refused.stderr);
        assert_eq!(
            (refused.status.code(), refused.stdout.len()),
            (Some(NOT_CONFINED), 0),
            "{said}"
        );
        assert!(said.contains("this kernel lacks"), "{said}");
        println!("only the refusal is looked at: {said}");
        None
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.0.join("home/ws")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.0.join("home")
    }

    /// A neighbour of the workspace.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.home().join(name)
    }

    /// Makes each attempt in the workspace and compares its answer.
    pub(crate) fn expect(&self, attempts: &[(&str, &str)]) {
        let owned: Vec<_> =
            attempts.iter().map(|(what, answer)| ((*what).to_owned(), *answer)).collect();
        self.expect_all(&owned);
    }

    pub(crate) fn expect_all(&self, attempts: &[(String, &str)]) {
        let lines: Vec<_> = attempts.iter().map(|(what, _)| what.clone()).collect();
        let answers = self.attempt(&lines);
        let wrong = attempts.iter().zip(&answers).filter(|((_, expected), got)| got != expected);
        let wrong: Vec<_> =
            wrong.map(|((what, expected), got)| format!("{what}: {got}, not {expected}")).collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// One answer for each attempt.
    pub(crate) fn attempt(&self, attempts: &[String]) -> Vec<String> {
        let mut command = self.launcher("agent");
        command.arg("--").arg(program());
        for (index, attempt) in attempts.iter().enumerate() {
            if index > 0 {
                command.arg("--");
            }
            command.args(attempt.split(' '));
        }
        let output = command.output().unwrap();
        let answers: Vec<_> = text(&output.stdout).lines().map(str::to_owned).collect();
        assert_eq!(answers.len(), attempts.len(), "{answers:?} {}", text(&output.stderr));
        answers
    }

    /// The same program without walls.
    pub(crate) fn bare(&self, words: &[&str]) -> String {
        let output =
            Command::new(program()).args(words).current_dir(self.workspace()).output().unwrap();
        text(&output.stdout)
    }

    pub(crate) fn shell(&self, script: &str) -> Output {
        self.launcher("agent").args(["--", "/bin/sh", "-c", script]).output().unwrap()
    }

    pub(crate) fn start(&self, script: &str) -> Child {
        let mut command = self.launcher("agent");
        command.args(["--", "/bin/sh", "-c", script]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Waits for the file `pid` in the workspace.
    pub(crate) fn await_pid(&self) -> i32 {
        let end = Instant::now() + LIMIT;
        loop {
            let text = fs::read_to_string(self.workspace().join("pid")).unwrap_or_default();
            if let Some(pid) = text.strip_suffix('\n').and_then(|text| text.parse().ok()) {
                return pid;
            }
            assert!(Instant::now() < end, "the program did not tell its pid");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The launcher with a profile, in the workspace.
    pub(crate) fn launcher(&self, profile: &str) -> Command {
        let mut command = Command::new(LAUNCHER);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", self.home());
        command.env("BULKHEAD_WORKSPACE", self.workspace()).env("SSH_AUTH_SOCK", "/tmp/agent");
        command.env("BULKHEAD_STATE_DIR", self.0.join("state"));
        // A launcher that is killed leaves its folder behind; here it goes with the scene.
        command.env("TMPDIR", &self.0);
        command.env("BULKHEAD_CONFIG_DIR", self.0.join("config"));
        command.args(["--parent", &std::process::id().to_string(), "--profile", profile]);
        command.current_dir(self.workspace()).stdin(Stdio::null());
        command
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// `examples/attempt.rs`, built beside the launcher by `cargo test`.
pub(crate) fn program() -> PathBuf {
    let path = Path::new(LAUNCHER).parent().unwrap().join("examples/attempt");
    assert!(path.exists(), "{} is built by `cargo test` without `--test`", path.display());
    path
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether the process ends in time; a zombie has.
pub(crate) fn ends(pid: i32) -> bool {
    let end = Instant::now() + LIMIT;
    let stat = format!("/proc/{pid}/stat");
    while Instant::now() < end {
        let stat = fs::read_to_string(&stat).unwrap_or_default();
        if stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['Z', 'X'])) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

/// To a process that the test started.
pub(crate) fn signal(pid: u32, number: i32) {
    // SAFETY: two numbers.
    unsafe { libc::kill(pid.cast_signed(), number) };
}

//! Programs under the supervised profiles: what works, and what a hostile one cannot reach.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod scene;

use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use bulkhead_wire::{Refusal, RefusalReader, RefusedOp};
use scene::{Scene, ends, text};

const CLOSED: &str = "EACCES";
const NOWHERE: &str = "ENOENT";
const REFUSED: &str = "EPERM";
const OK: &str = "ok";
/// Set where a test has a mount namespace of its own.
const INSIDE: &str = "BULKHEAD_TEST_INSIDE";

#[test]
fn a_program_reads_and_writes_its_workspace_and_nothing_that_is_closed() {
    let Some(scene) = Scene::new("reads") else { return };
    scene.expect(&[
        ("read plain.txt", "plain"),
        ("read deep/inside.txt", "inside"),
        ("create made.txt", OK),
        ("mkdir folder", OK),
        ("rename made.txt folder/moved.txt", OK),
        ("link folder/moved.txt again.txt", OK),
        ("symlink plain.txt way", OK),
        ("read way", "plain"),
        ("readlink way", OK),
        ("unlink way", OK),
        ("truncate folder/moved.txt", OK),
        ("chmod folder/moved.txt", OK),
        ("utimes folder/moved.txt", OK),
        ("unlink folder/moved.txt", OK),
        ("rmdir folder", OK),
        ("mkfifo pipe", OK),
        ("tmpfile .", OK),
        ("path plain.txt", OK),
        ("path /", OK),
        ("statfs .", OK),
        ("read /proc/self/comm", "attempt"),
        ("read /dev/null", ""),
        ("create /dev/null", OK),
    ]);
    assert!(scene.workspace().join("again.txt").exists());
    assert!(!scene.workspace().join("folder").exists());
}

#[test]
fn every_call_on_a_closed_name_gets_the_same_refusal_whether_it_exists_or_not() {
    let Some(scene) = Scene::new("closed") else { return };
    let calls = [
        "read",
        "stat",
        "lstat",
        "statx",
        "access",
        "access2",
        "readlink",
        "create",
        "unlink",
        "truncate",
        "chmod",
        "chown",
        "utimes",
        "path",
        "append",
        "getxattr",
        "setxattr",
        "listxattr",
        "exec",
        "mkdir",
        "mkfifo",
        "statfs",
        "chdir",
        "rmdir",
    ];
    for path in [".env", ".env.later", "deep/.env", "./deep/../.env", "deep//.env/", "key.pem"] {
        let attempts: Vec<_> =
            calls.iter().map(|call| (format!("{call} {path}"), CLOSED)).collect();
        scene.expect_all(&attempts);
    }
    let secret = fs::read_to_string(scene.workspace().join(".env")).unwrap();
    assert_eq!(secret, "SECRET=1\n");
    assert!(!scene.workspace().join(".env.later").exists());
}

#[test]
fn a_closed_file_made_later_is_closed_and_left_out_of_listings() {
    let Some(scene) = Scene::new("later") else { return };
    fs::create_dir(scene.workspace().join("new")).unwrap();
    fs::write(scene.workspace().join("new/.env"), "SECRET").unwrap();
    fs::write(scene.workspace().join("new/id_rsa"), "SECRET").unwrap();
    scene.expect(&[
        ("list new", ""),
        ("list .", ".git,deep,new,plain.txt"),
        ("read new/.env", CLOSED),
        ("read new/.ENV", CLOSED),
        ("stat new/.Env", CLOSED),
    ]);
}

#[test]
fn closed_files_are_not_carried_away_by_another_name() {
    let Some(scene) = Scene::new("carried") else { return };
    let workspace = scene.workspace();
    fs::hard_link(workspace.join(".env"), workspace.join("harmless.txt")).unwrap();
    fs::hard_link(workspace.join("plain.txt"), workspace.join("plain-2.txt")).unwrap();
    scene.expect(&[
        ("rename .env open.txt", CLOSED),
        ("exchange .env plain.txt", CLOSED),
        ("exchange plain.txt .env", CLOSED),
        ("link .env open.txt", CLOSED),
        ("rename plain.txt .env", CLOSED),
        ("link plain.txt .env.copy", CLOSED),
        ("symlink plain.txt .envrc", CLOSED),
        ("read harmless.txt", CLOSED),
        ("rename harmless.txt open.txt", CLOSED),
        ("link harmless.txt open.txt", CLOSED),
        ("read plain-2.txt", "plain"),
        ("rename .git moved", CLOSED),
        ("create .git/hooks/pre-commit", CLOSED),
        ("create .git/config", CLOSED),
        ("read .git/config", "[core]"),
    ]);
    assert!(!workspace.join("open.txt").exists());
}

#[test]
fn links_lead_to_closed_and_foreign_files_in_vain() {
    let Some(scene) = Scene::new("links") else { return };
    let workspace = scene.workspace();
    symlink(".env", workspace.join("leaf")).unwrap();
    symlink(scene.home().join(".ssh"), workspace.join("parent")).unwrap();
    symlink(scene.home().join(".ssh/not-there"), workspace.join("dangling")).unwrap();
    symlink(scene.home().join("notes.txt"), workspace.join("outside")).unwrap();
    symlink(scene.home().join("no-notes.txt"), workspace.join("outside-2")).unwrap();
    symlink("/proc/self/root/etc/shadow", workspace.join("magic")).unwrap();
    symlink("loop", workspace.join("loop")).unwrap();
    scene.expect(&[
        ("read leaf", CLOSED),
        ("stat leaf", CLOSED),
        ("lstat leaf", OK),
        ("read parent/config", CLOSED),
        ("stat parent/nothing", CLOSED),
        ("list parent", CLOSED),
        ("dangling dangling", CLOSED),
        ("stat dangling", CLOSED),
        ("read outside", NOWHERE),
        ("stat outside", NOWHERE),
        ("stat outside-2", NOWHERE),
        ("dangling outside-2", CLOSED),
        ("read magic", CLOSED),
        ("read loop", "40"),
        ("chdir-read parent config", CLOSED),
        ("path leaf", CLOSED),
    ]);
    assert!(!scene.home().join(".ssh/not-there").exists());
    assert!(!scene.home().join("no-notes.txt").exists());
}

/// In a mount namespace of its own, where this test runs itself once more.
#[test]
fn a_bind_mount_shows_no_closed_file() {
    if std::env::var_os(INSIDE).is_none() {
        let user: &[&str] =
            if rustix::process::geteuid().is_root() { &[] } else { &["--map-root-user"] };
        let program = std::env::current_exe().unwrap();
        let mut command = Command::new("unshare");
        command.args(user).arg("--mount").arg(program);
        let name = "a_bind_mount_shows_no_closed_file";
        let output =
            command.args(["--exact", name, "--nocapture"]).env(INSIDE, "1").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        return;
    }
    let Some(scene) = Scene::new("mounts") else { return };
    let workspace = scene.workspace();
    let bind = |what: &Path, at: &str| {
        let at = workspace.join(at);
        if what.is_dir() {
            fs::create_dir(&at).unwrap()
        } else {
            fs::write(&at, "").unwrap()
        }
        assert!(Command::new("mount").arg("--bind").arg(what).arg(at).status().unwrap().success());
    };
    bind(&workspace.join(".env"), "innocent.txt");
    bind(&scene.home().join(".ssh"), "keys");
    bind(&workspace.join("deep"), "shallow");
    assert_eq!(scene.bare(&["read", "innocent.txt"]).trim(), "SECRET=1");
    assert_eq!(scene.bare(&["read", "keys/id_rsa"]).trim(), "SECRET");
    scene.expect(&[
        ("read innocent.txt", CLOSED),
        ("stat innocent.txt", CLOSED),
        ("truncate innocent.txt", CLOSED),
        ("read keys/id_rsa", CLOSED),
        ("stat keys/config", CLOSED),
        ("list keys", CLOSED),
        ("read shallow/inside.txt", "inside"),
        ("read shallow/.env", CLOSED),
        ("read plain.txt", "plain"),
    ]);
    for at in ["innocent.txt", "keys", "shallow"] {
        assert!(Command::new("umount").arg(workspace.join(at)).status().unwrap().success());
    }
}

#[test]
fn outside_the_workspace_there_is_the_system_and_nothing_else() {
    let Some(scene) = Scene::new("outside") else { return };
    let home = scene.home();
    let notes = home.join("notes.txt");
    let evil = scene.beside("ws-evil");
    fs::create_dir(&evil).unwrap();
    fs::write(evil.join("x"), "SECRET").unwrap();
    scene.expect_all(&[
        (format!("read {}", notes.display()), NOWHERE),
        (format!("stat {}", notes.display()), NOWHERE),
        (format!("stat {}x", notes.display()), NOWHERE),
        (format!("list {}", home.display()), CLOSED),
        (format!("read {}/x", evil.display()), NOWHERE),
        ("read ../ws-evil/x".to_owned(), NOWHERE),
        ("create ../ws-evil/y".to_owned(), CLOSED),
        ("create ../made".to_owned(), CLOSED),
        ("mkdir /bulkhead-made".to_owned(), CLOSED),
        ("read /etc/shadow".to_owned(), CLOSED),
        ("read /etc/hostname-that-is-not-there".to_owned(), NOWHERE),
        ("create /etc/made".to_owned(), CLOSED),
        ("chmod /etc/passwd".to_owned(), CLOSED),
        (format!("read {}/.gitconfig", home.display()), "[user]"),
        (format!("append {}/.gitconfig", home.display()), CLOSED),
        (format!("read {}/.ssh/id_rsa", home.display()), CLOSED),
        (format!("stat {}/.ssh/../notes.txt", home.display()), CLOSED),
        ("list /".to_owned(), CLOSED),
    ]);
}

#[test]
fn the_kernels_files_show_a_program_itself_and_no_other() {
    let Some(scene) = Scene::new("kernel") else { return };
    let me = std::process::id();
    scene.expect_all(&[
        (format!("read /proc/{me}/environ"), CLOSED),
        (format!("stat /proc/{me}"), CLOSED),
        (format!("read /proc/{me}/cwd/x"), CLOSED),
        (format!("list /proc/{me}/fd"), CLOSED),
        ("read /proc/self/cwd/.env".to_owned(), CLOSED),
        ("read /proc/self/cwd/plain.txt".to_owned(), "plain"),
        ("read /proc/self/root/etc/shadow".to_owned(), CLOSED),
        ("append /proc/self/mem".to_owned(), CLOSED),
        ("read /proc/1/environ".to_owned(), CLOSED),
        ("list /proc".to_owned(), CLOSED),
        ("read /dev/sda".to_owned(), CLOSED),
        ("read /sys/kernel/security/x".to_owned(), CLOSED),
        ("reopen plain.txt read".to_owned(), "plain"),
        ("reopen .git/config write".to_owned(), CLOSED),
        ("reopen .env read".to_owned(), CLOSED),
        ("mknod null".to_owned(), REFUSED),
        ("setuid plain.txt".to_owned(), REFUSED),
        ("chown plain.txt 12345".to_owned(), REFUSED),
        ("watch .".to_owned(), "ENOSYS"),
    ]);
}

#[test]
fn no_call_reaches_another_process_or_around_the_filter() {
    let Some(scene) = Scene::new("around") else { return };
    let me = std::process::id();
    scene.expect_all(&[
        ("unix-socket".to_owned(), REFUSED),
        ("datagram-pair".to_owned(), REFUSED),
        ("udp".to_owned(), REFUSED),
        ("connect".to_owned(), REFUSED),
        ("ring".to_owned(), "ENOSYS"),
        (format!("trace {me}"), REFUSED),
        (format!("read-memory {me}"), REFUSED),
        ("take-descriptor".to_owned(), REFUSED),
        ("unshare".to_owned(), REFUSED),
        ("keyctl".to_owned(), REFUSED),
        ("bpf".to_owned(), REFUSED),
        ("userfault".to_owned(), REFUSED),
        ("perf".to_owned(), REFUSED),
        ("by-handle".to_owned(), REFUSED),
        ("mount / plain.txt".to_owned(), REFUSED),
        ("chroot .".to_owned(), REFUSED),
        (format!("signal {me}"), REFUSED),
        (format!("limit {me}"), REFUSED),
        ("wild-path".to_owned(), "14"),
        ("wild-out".to_owned(), "14"),
        ("bad-folder".to_owned(), "9"),
        // Its own three, and the one it lists them with.
        ("descriptors".to_owned(), "4"),
        (
            "environ".to_owned(),
            "HOME,PATH,TMPDIR,XDG_CACHE_HOME,npm_config_cache,npm_config_userconfig",
        ),
    ]);
}

#[test]
fn a_path_that_is_swapped_while_it_is_looked_at_never_opens_the_closed_file() {
    let Some(scene) = Scene::new("race") else { return };
    fs::write(scene.workspace().join("aenv"), "harmless").unwrap();
    // Both spellings have the same length.
    let out = scene.attempt(&["race ./aenv ./.env 2".to_owned()]);
    let out = out.first().unwrap();
    assert!(out.starts_with("leaks=0 "), "{out}");
    assert!(!out.contains("reads=0 "), "nothing was read at all: {out}");
    // The same program, not confined, shows that the test can fail.
    let bare = scene.bare(&["race", "./aenv", "./.env", "1"]);
    assert!(!bare.starts_with("leaks=0 "), "{bare}");
}

#[test]
fn grandchildren_that_leave_their_group_are_bound_and_end_with_the_program() {
    let Some(scene) = Scene::new("family") else { return };
    let script = "(setsid sh -c 'cat .env; echo $$ > pid; exec sleep 600' >out 2>&1 &) ; \
                  while ! test -s pid; do :; done; exit 7";
    let output = scene.shell(script);
    assert_eq!(output.status.code(), Some(7), "{}", text(&output.stderr));
    let pid: i32 =
        fs::read_to_string(scene.workspace().join("pid")).unwrap().trim().parse().unwrap();
    assert!(ends(pid), "a grandchild is left");
    let said = fs::read_to_string(scene.workspace().join("out")).unwrap();
    assert!(said.contains("Permission denied") && !said.contains("SECRET"), "{said}");
}

#[test]
fn nothing_is_left_when_the_launchers_parent_ends_or_the_launcher_is_told_to() {
    let Some(scene) = Scene::new("ended") else { return };
    for signal in [libc::SIGTERM, libc::SIGKILL] {
        let mut child =
            scene.start("(setsid sh -c 'echo $$ > pid; exec sleep 600' &); exec sleep 600");
        let pid = scene.await_pid();
        scene::signal(child.id(), signal);
        child.wait().unwrap();
        if signal == libc::SIGKILL {
            // Nobody is left who could kill it, but nobody answers it either.
            scene::signal(pid.unsigned_abs(), libc::SIGKILL);
        }
        assert!(ends(pid), "left after signal {signal}");
        fs::remove_file(scene.workspace().join("pid")).unwrap();
    }
}

#[test]
fn modes_follow_the_programs_own_mask() {
    let Some(scene) = Scene::new("mask") else { return };
    let output = scene.shell("umask 027; echo x > f; mkdir d; umask 0; echo x > g");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mode = |name: &str| fs::metadata(scene.workspace().join(name)).unwrap().mode() & 0o777;
    assert_eq!((mode("f"), mode("d"), mode("g")), (0o640, 0o750, 0o666));
}

#[test]
fn two_ends_of_a_named_pipe_meet() {
    let Some(scene) = Scene::new("pipe") else { return };
    let output =
        scene.shell("mkfifo p; (echo through > p &); cat p; (cat p > q &) ; echo x > p; wait");
    assert_eq!(text(&output.stdout), "through\n", "{}", text(&output.stderr));
}

#[test]
fn a_policy_that_cannot_be_read_starts_nothing_and_one_that_can_narrows() {
    let Some(scene) = Scene::new("policy") else { return };
    let folder = scene.workspace().join(".bulkhead");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("policy.json"), "{ not json").unwrap();
    let output = scene.shell("echo started");
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(125), ""));
    assert!(text(&output.stderr).contains("policy.json"));
    let rule = r#"{"rules": [{"id": "deep", "why": "theirs", "deny": ["./deep"]}]}"#;
    fs::write(folder.join("policy.json"), rule).unwrap();
    scene.expect(&[
        ("read deep/inside.txt", CLOSED),
        ("list deep", CLOSED),
        ("list .", ".bulkhead,.git,plain.txt"),
        ("read plain.txt", "plain"),
        ("create .bulkhead/policy.json", CLOSED),
    ]);
}

#[test]
fn a_server_reads_the_workspace_and_changes_nothing_in_it() {
    let Some(scene) = Scene::new("server") else { return };
    let nameless = scene.launcher("mcp-server").args(["--", "/bin/echo", "x"]).output().unwrap();
    assert_eq!((nameless.status.code(), nameless.stdout.len()), (Some(125), 0));
    let mut server = scene.launcher("mcp-server");
    server.args(["--principal", "mcp:files", "--", "/bin/sh", "-c"]);
    let output =
        server.arg("cat plain.txt; cat .env; echo x > made; echo y > $TMPDIR/own").output();
    let output = output.unwrap();
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "plain\n"));
    assert!(!scene.workspace().join("made").exists());
}

#[test]
fn an_interpreter_is_judged_like_the_program() {
    let Some(scene) = Scene::new("interpreter") else { return };
    let workspace = scene.workspace();
    let closed = scene.home().join(".ssh/id_rsa");
    let missing = scene.home().join(".ssh/none");
    let outside = scene.home().join("notes.txt");
    for (name, interpreter) in [
        ("a", "/bin/sh"),
        ("b", closed.to_str().unwrap()),
        ("c", missing.to_str().unwrap()),
        ("d", outside.to_str().unwrap()),
    ] {
        let path = workspace.join(name);
        fs::write(&path, format!("#! {interpreter} -e\nexit 0\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    scene.expect(&[("exec b", CLOSED), ("exec c", CLOSED), ("exec d", NOWHERE)]);
    assert_eq!(scene.shell("./a").status.code(), Some(0));
}

#[test]
fn a_file_whose_owner_alone_may_read_it_is_no_common_one() {
    let Some(scene) = Scene::new("owner") else { return };
    let secret = scene.workspace().join("mode-000");
    fs::write(&secret, "mine").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    scene.expect(&[("read mode-000", "mine"), ("stat /usr", OK), ("read /usr/bin/env/x", "20")]);
}

#[test]
fn what_a_rule_closes_is_told_once_and_what_is_only_listed_is_not() {
    let Some(scene) = Scene::new("told") else { return };
    let told = scene.beside("told");
    let launcher = scene.launcher("agent");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "exec \"$@\" 3>\"$0\""]).arg(&told);
    command.arg(launcher.get_program()).arg("--refusals").args(launcher.get_args());
    let script = "ls -a . deep; cat .env; cat ./deep/../.env; echo x > .git/config; cat ../notes.txt; \
                  echo x >&3; ls /proc/self/fd";
    command.args(["--", "/bin/sh", "-c", script]).env_clear().current_dir(scene.workspace());
    for (name, value) in launcher.get_envs() {
        command.env(name, value.unwrap());
    }
    let output = command.output().unwrap();
    assert!(!text(&output.stdout).contains(".env"), "{}", text(&output.stdout));
    let mut reader = RefusalReader::default();
    reader.push(&fs::read(&told).unwrap());
    let all: Vec<_> = std::iter::from_fn(|| reader.take().unwrap()).collect();
    let at = |path: &str| scene.workspace().join(path).into_os_string().into_vec();
    let written: Vec<_> =
        all.iter().filter(|refusal| refusal.op == RefusedOp::ProgramWrite).collect();
    assert_eq!(all[0], Refusal::new(RefusedOp::ProgramRead, "built-in/dotenv", &at(".env")));
    assert_eq!((written.len(), all.len()), (1, 2), "{all:?}");
    assert_eq!(written[0].path.as_bytes(), at(".git/config"));
}

//! Attacks on the choke point, by the numbers of the attack list. Each is shown to work on a naive guard.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod yard;

use bulkhead_guard::{GuardError, Request};
use bulkhead_policy::Principal;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use yard::{SECRET, Yard, assert_closed, code, request, rule};

fn assert_read_by_text(yard: &Yard, path: &str) {
    assert_eq!(yard.naive_by_text(path).as_deref(), Some(SECRET), "the attack works: {path}");
}

#[test]
fn attack_1_dots_and_doubled_slashes_lead_out() {
    let yard = Yard::new();
    for path in ["../.npmrc", "src/../../.npmrc", "./..//.npmrc", "src//.././../.npmrc"] {
        assert_read_by_text(&yard, path);
        assert_closed(&yard, path);
    }
    assert_closed(&yard, yard.home.join(".npmrc").to_str().unwrap());
    assert_closed(&yard, "src/../.env");
}

#[test]
fn attack_2_a_sibling_has_the_workspace_as_prefix() {
    let yard = Yard::new();
    let path = format!("{}-evil/a.txt", yard.ws.display());
    assert_read_by_text(&yard, &path);
    assert_closed(&yard, &path);
    assert_eq!(rule(yard.person().read(&path)), "built-in/outside-workspace");
}

#[test]
fn attack_3_a_symlink_leads_to_a_secret() {
    let yard = Yard::new();
    let key = yard.home.join(".ssh/id_ed25519");
    yard.symlink(".env", "a.txt");
    yard.symlink("a.txt", "b.txt");
    yard.symlink(key.to_str().unwrap(), "c.txt");
    yard.symlink("../.npmrc", "d.txt");
    for path in ["a.txt", "b.txt", "c.txt", "d.txt"] {
        assert_read_by_text(&yard, path);
        assert_closed(&yard, path);
        assert_eq!(code(yard.agent().save(path, "x")), "file-guard/denied");
    }
    assert_eq!(fs::read_to_string(key).unwrap(), SECRET);
    let named = |path| rule(yard.agent().read(path));
    assert_eq!(
        (named("b.txt"), named("c.txt")),
        ("built-in/dotenv".into(), "built-in/ssh-keys".into())
    );
}

#[test]
fn attack_4_a_folder_on_the_way_is_a_symlink() {
    let yard = Yard::new();
    yard.symlink("../.ssh", "keys");
    yard.symlink("../..", "up");
    for path in ["keys/id_ed25519", "up/home/.ssh/id_ed25519"] {
        assert_closed(&yard, path);
    }
    assert_read_by_text(&yard, "keys/id_ed25519");
    yard.symlink("..", "home");
    assert_read_by_text(&yard, "home/.npmrc");
    assert_closed(&yard, "home/.npmrc");
}

#[test]
fn attack_5_a_dangling_symlink_makes_a_file_elsewhere() {
    let yard = Yard::new();
    yard.symlink("../.ssh/authorized_keys", "a.txt");
    yard.symlink("not-there", "b.txt");
    fs::write(yard.ws.join("b.txt"), "the naive way writes through").unwrap();
    assert!(yard.has("not-there"));
    fs::remove_file(yard.ws.join("not-there")).unwrap();
    let save = Request::Save { expect: None, may_create: true };
    for request in [&save, &Request::CreateFile { mode: None }] {
        let ask = yard.agent();
        assert_eq!(code(ask.serve(request, "b.txt", "", "x")), "file-guard/exists");
    }
    assert_eq!(code(yard.agent().serve(&save, "a.txt", "", "x")), "file-guard/denied");
    assert!(!yard.has("not-there"));
    assert!(!yard.home.join(".ssh/authorized_keys").exists());
}

#[test]
fn attack_6_a_swap_between_check_and_use() {
    let yard = Yard::new();
    yard.symlink("open.txt", "flip");
    let swap = |target: &str| {
        yard.symlink(target, "flip.next");
        fs::rename(yard.ws.join("flip.next"), yard.ws.join("flip")).unwrap();
    };
    let leaked = yard.naive_by_real_path("flip", || swap(".env"));
    assert_eq!(leaked.as_deref(), Some(SECRET), "the attack works");
    race(&yard, "flip", &|turn| swap(if turn % 2 == 0 { "open.txt" } else { ".env" }));
}

#[test]
fn attack_6_a_folder_swapped_for_a_symlink() {
    let yard = Yard::new();
    yard.write("real/.ssh-copy/x", "");
    yard.write("real/id", yard::OPEN);
    fs::write(yard.home.join(".ssh/id"), SECRET).unwrap();
    yard.symlink("real", "folder");
    let swap = |target: &str| {
        yard.symlink(target, "next");
        fs::rename(yard.ws.join("next"), yard.ws.join("folder")).unwrap();
    };
    race(&yard, "folder/id", &|turn| swap(if turn % 2 == 0 { "real" } else { "../.ssh" }));
}

/// Reads `path` while `swap` turns it to and fro, until both answers were seen and a second is over.
fn race(yard: &Yard, path: &str, swap: &(dyn Fn(usize) + Sync)) {
    let stop = Arc::new(AtomicBool::new(false));
    let (mut open, mut denied) = (0, 0);
    std::thread::scope(|scope| {
        let is_over = Arc::clone(&stop);
        scope.spawn(move || {
            let mut turn = 0;
            while !is_over.load(Ordering::Relaxed) {
                swap(turn);
                turn += 1;
            }
        });
        let begun = Instant::now();
        let mut leaked = None;
        while leaked.is_none()
            && (begun.elapsed() < Duration::from_secs(1)
                || ((open == 0 || denied == 0) && begun.elapsed() < Duration::from_secs(30)))
        {
            match yard.agent().read(path) {
                Ok(text) if text == yard::OPEN => open += 1,
                Ok(text) => leaked = Some(text),
                Err(GuardError::Denied(_)) => denied += 1,
                // The name is missing for an instant in no swap, but the folder may be looked at then.
                Err(other) => leaked = Some(format!("{other:?}")),
            }
        }
        stop.store(true, Ordering::Relaxed);
        assert_eq!(leaked, None);
    });
    assert!(open > 0 && denied > 0, "{open} reads and {denied} denials: nothing was raced");
}

#[test]
fn attack_7_a_hard_link_has_an_innocent_name() {
    let yard = Yard::new();
    fs::hard_link(yard.ws.join(".env"), yard.ws.join("notes.txt")).unwrap();
    fs::hard_link(yard.home.join(".ssh/id_ed25519"), yard.ws.join("todo.txt")).unwrap();
    fs::hard_link(yard.home.join(".npmrc"), yard.ws.join("log.txt")).unwrap();
    for path in ["notes.txt", "todo.txt", "log.txt"] {
        assert_eq!(yard.naive_by_real_path(path, || ()).as_deref(), Some(SECRET));
        assert_closed(&yard, path);
        assert_eq!(rule(yard.agent().read(path)), "built-in/hard-link");
    }
    // Later than the first look for second names, too.
    fs::hard_link(yard.ws.join(".env"), yard.ws.join("late.txt")).unwrap();
    assert_closed(&yard, "late.txt");
}

#[test]
fn attack_7_ordinary_hard_links_stay_usable() {
    let yard = Yard::new();
    yard.write("store/a.js", yard::OPEN);
    fs::hard_link(yard.ws.join("store/a.js"), yard.ws.join("b.js")).unwrap();
    assert_eq!(yard.agent().read("b.js").unwrap(), yard::OPEN);
    // A closed name given to it later closes it.
    fs::hard_link(yard.ws.join("b.js"), yard.ws.join(".env.local")).unwrap();
    assert_eq!(rule(yard.agent().read("b.js")), "built-in/hard-link");
}

#[test]
fn attack_8_9_10_names_are_judged_at_both_ends() {
    let yard = Yard::new();
    yard.write("folder/.env", SECRET);
    let ask = yard.agent();
    for (from, to) in [
        (".env", "a.txt"),
        ("open.txt", ".env.local"),
        ("open.txt", "id_rsa"),
        (".git", "git"),
        ("src", ".git"),
        ("open.txt", ".git/hooks/pre-commit"),
        ("open.txt", "../out.txt"),
        ("../.npmrc", "in.txt"),
        ("open.txt", ".bashrc"),
    ] {
        for op in [Request::Rename {}, Request::Link {}] {
            let result = code(ask.serve(&op, from, to, ""));
            let is_folder = matches!(op, Request::Link {}) && from == "src";
            let wanted = if is_folder { "file-guard/not-a-file" } else { "file-guard/denied" };
            assert_eq!(result, wanted, "{op:?} {from} to {to}");
        }
    }
    // A folder with a closed file inside may move: the file's own name closes it wherever it is.
    ask.serve(&Request::Rename {}, "folder", "other", "").unwrap();
    assert_closed(&yard, "other/.env");
    assert_eq!(yard.text("other/.env"), SECRET);
    assert!(yard.has(".git/hooks") && !yard.has("git"));
}

#[test]
fn attack_9_the_workspace_itself_stays_where_it_is() {
    let yard = Yard::new();
    let ws = yard.ws.to_str().unwrap().to_owned();
    for op in [Request::Rename {}, Request::Trash {}] {
        assert_eq!(code(yard.person().serve(&op, &ws, "x", "")), "file-guard/denied", "{op:?}");
    }
}

#[test]
fn attack_12_13_the_kernels_own_files_are_closed() {
    let yard = Yard::new();
    yard.symlink("/proc/self/environ", "a.txt");
    yard.symlink("/proc/self/root/etc/hostname", "b.txt");
    yard.symlink("/dev/fd/0", "c.txt");
    assert!(fs::read(yard.ws.join("a.txt")).is_ok(), "the attack works");
    for path in
        ["a.txt", "b.txt", "c.txt", "/proc/self/environ", "/dev/zero", "/sys/kernel/uevent_seqnum"]
    {
        assert_closed(&yard, path);
    }
    let own = format!("/proc/{}/cwd", std::process::id());
    assert_closed(&yard, &own);
}

#[test]
fn attack_16_17_18_other_spellings_of_a_name() {
    let yard = Yard::new();
    for name in [
        ".ENV",
        ".Env.Local",
        ".e\u{200b}nv",
        ".env.",
        ".env ",
        ".env::$DATA",
        "ID_RSA",
        "\u{212a}.p12",
        "x.P\u{ff30}EM",
    ] {
        yard.write(name, SECRET);
        if name.contains('\u{ff30}') {
            // A full-width letter is another name on every file system there is.
            assert!(yard.agent().read(name).is_ok());
            continue;
        }
        assert_read_by_text(&yard, name);
        assert_closed(&yard, name);
    }
}

#[test]
fn attack_19_a_path_is_no_url() {
    let yard = Yard::new();
    for path in [".env?raw", ".env#a", "%2eenv", ".en%76"] {
        assert_eq!(code(yard.agent().read(path)), "file-guard/not-found", "{path}");
    }
}

#[test]
fn attack_20_bytes_that_are_no_text() {
    let yard = Yard::new();
    let read = Request::ReadWhole { max: 100 };
    let ask = yard.agent();
    assert_eq!(code(ask.serve_bytes(&read, b"open.txt\0.env", "", "")), "file-guard/invalid");
    assert_eq!(code(ask.serve_bytes(&read, b"\xff\xfe", "", "")), "file-guard/not-found");
    assert_eq!(code(ask.serve_bytes(&read, b"\xff/.env", "", "")), "file-guard/denied");
    let long = vec![b'a'; 5000];
    assert_eq!(code(ask.serve_bytes(&read, &long, "", "")), "file-guard/too-large");
}

#[test]
fn attack_22_a_closed_path_gives_one_answer_there_or_not() {
    let yard = Yard::new();
    yard.symlink("../.ssh/id_ed25519", "there");
    yard.symlink("../.ssh/id_missing", "away");
    let pairs = [
        (".env", ".env.none"),
        ("there", "away"),
        ("../.ssh/id_ed25519", "../.ssh/none/at/all"),
        ("../ws-evil/a.txt", "../ws-evil/none"),
        ("/etc/passwd", "/etc/none/passwd"),
    ];
    for principal in [Principal::Person, Principal::Agent] {
        let ask = yard.ask(principal);
        for json in [
            r#"{"op": "stat"}"#,
            r#"{"op": "read-whole", "max": 1}"#,
            r#"{"op": "check", "write": true}"#,
        ] {
            for (there, away) in pairs {
                let answer = |path| match ask.request(json, path) {
                    Err(GuardError::Denied(denied)) => {
                        (denied.rule.clone(), denied.level.clone(), denied.why.clone())
                    }
                    other => panic!("{json} {path}: {other:?}"),
                };
                assert_eq!(answer(there), answer(away), "{json} {there}");
            }
        }
    }
    assert!(fs::metadata(yard.ws.join("../.ssh/none")).is_err(), "the naive answer differs");
}

#[test]
fn attack_23_names_and_contents_do_not_leak_through_lists_and_searches() {
    let yard = Yard::new();
    yard.write("deep/.env.local", SECRET);
    yard.write("deep/key.pem", SECRET);
    fs::hard_link(yard.ws.join(".env"), yard.ws.join("deep/copy.txt")).unwrap();
    yard.symlink("../../.ssh", "deep/keys");
    let search = request(&format!(r#"{{"op": "search", "options": {{"pattern": "{SECRET}"}}}}"#));
    for ask in [yard.person(), yard.agent()] {
        for request in [&search, &request(r#"{"op": "find", "options": {"withIgnored": true}}"#)] {
            let reply = ask.serve(request, ".", "", "").unwrap();
            let all = format!(
                "{}{}",
                reply.json,
                String::from_utf8_lossy(&reply.bytes.unwrap_or_default())
            );
            for leak in [SECRET, ".env.local", "key.pem", "copy.txt", "id_ed25519"] {
                assert!(!all.contains(leak), "{leak} in {all}");
            }
        }
    }
    assert_eq!(yard.agent().names("deep"), ["keys"]);
    assert_eq!(yard.person().names("deep"), [".env.local", "copy.txt", "key.pem", "keys"]);
    let listing = yard.person().request(r#"{"op": "list"}"#, "deep").unwrap().json;
    assert_eq!(listing.matches("\"denied\"").count(), 3);
    assert_eq!(listing.matches("\"size\"").count(), 1, "{listing}");
}

#[test]
fn attack_25_26_a_closed_file_made_later_and_deep_down() {
    let yard = Yard::new();
    let ask = yard.agent();
    assert_eq!(ask.read("open.txt").unwrap(), yard::OPEN);
    let deep = format!("{}.env", "d/".repeat(60));
    yard.write(&deep, SECRET);
    assert_closed(&yard, &deep);
    for op in [Request::CreateFile { mode: None }, Request::CreateFolder {}] {
        assert_eq!(code(ask.serve(&op, "src/.env", "", "x")), "file-guard/denied");
    }
    assert!(!yard.has("src/.env"));
}

#[test]
fn attack_37_what_runs_by_itself_is_not_written() {
    let yard = Yard::new();
    let ask = yard.agent();
    for path in
        [".git/hooks/pre-commit", ".git/config", ".gitmodules", ".vscode/tasks.json", ".mcp.json"]
    {
        for request in
            [Request::Save { expect: None, may_create: true }, Request::CreateFile { mode: None }]
        {
            assert_eq!(code(ask.serve(&request, path, "", "x")), "file-guard/denied", "{path}");
        }
    }
    // A file named .git points git at another folder with hooks of its own.
    fs::remove_dir_all(yard.ws.join(".git")).unwrap();
    assert_eq!(
        code(ask.serve(&Request::CreateFile { mode: None }, ".git", "", "gitdir: /x")),
        "file-guard/denied"
    );
}

#[test]
fn attack_38_a_save_follows_no_prepared_name() {
    let yard = Yard::new();
    // Names a predictable temporary file would have, prepared as symlinks.
    for name in ["open.txt.tmp", ".open.txt.swp", "open.txt~"] {
        yard.symlink("src/main.rs", name);
    }
    fs::write(yard.ws.join("open.txt.tmp"), "naive").unwrap();
    assert_eq!(yard.text("src/main.rs"), "naive", "the attack works");
    fs::write(yard.ws.join("src/main.rs"), yard::OPEN).unwrap();
    yard.agent().save("open.txt", "new").unwrap();
    assert_eq!(yard.text("open.txt"), "new");
    assert_eq!(yard.text("src/main.rs"), yard::OPEN);
}

#[test]
fn attack_39_copies_of_secrets_are_secrets() {
    let yard = Yard::new();
    for name in [
        ".env~",
        ".env.swp",
        "..env.swp",
        ".env.bak",
        "#.env#",
        ".env.orig",
        "id_rsa.old",
        ".env (copy)",
    ] {
        yard.write(name, SECRET);
        if name.contains("(copy)") {
            assert!(yard.agent().read(name).is_ok(), "a name of its own");
            continue;
        }
        assert_read_by_text(&yard, name);
        assert_closed(&yard, name);
    }
}

#[test]
fn attack_40_only_regular_files_of_a_size_are_read() {
    let yard = Yard::new();
    let pipe = yard.ws.join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(yard.ws.join("socket")).unwrap();
    let sparse = fs::File::create(yard.ws.join("sparse")).unwrap();
    sparse.set_len(1 << 40).unwrap();
    let ask = yard.person();
    for path in ["pipe", "socket", "src"] {
        assert_eq!(code(ask.read(path)), "file-guard/not-a-file", "{path}");
        assert_eq!(code(ask.save(path, "x")), "file-guard/not-a-file", "{path}");
    }
    assert_eq!(code(ask.read("sparse")), "file-guard/too-large");
    let open = ask.value(r#"{"op": "open"}"#, "sparse");
    let read = |length: u64| {
        let handle = open["handle"].as_u64().unwrap();
        ask.request(
            &format!(r#"{{"op": "read", "handle": {handle}, "offset": 0, "length": {length}}}"#),
            "",
        )
    };
    assert_eq!(read(10).unwrap().bytes.unwrap(), [0; 10]);
    assert_eq!(code(read(1 << 40)), "file-guard/too-large");
}

#[test]
fn attack_42_a_rule_of_the_workspace_opens_nothing() {
    let rules = br#"{"rules": [{"id": "a", "deny": ["zzz"], "except": [".env", "*"]}]}"#;
    let yard = Yard::with(|policy| {
        assert!(policy.clone().with_workspace(rules, "w").is_err(), "a lone star is refused");
        policy
            .with_workspace(
                br#"{"rules": [{"id": "a", "deny": ["zzz"], "except": [".env"]}]}"#,
                "w",
            )
            .unwrap()
    });
    assert_closed(&yard, ".env");
}

//! What the guard does with files that are open to the asker.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod yard;

use bulkhead_guard::{Cancel, GuardError, Payload, Request, Task};
use bulkhead_policy::Principal;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::Ordering;
use yard::{OPEN, SECRET, Yard, code, request, rule, split_names};

#[test]
fn a_save_keeps_mode_owner_attributes_and_symlinks() {
    let yard = Yard::new();
    let file = yard.ws.join("src/main.rs");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o750)).unwrap();
    let has_attributes =
        rustix::fs::setxattr(&file, "user.test", b"kept", rustix::fs::XattrFlags::empty()).is_ok();
    yard.symlink("src/main.rs", "alias.rs");
    let before = fs::metadata(&file).unwrap();
    yard.agent().save("alias.rs", "new text").unwrap();
    let after = fs::metadata(&file).unwrap();
    assert_eq!(yard.text("src/main.rs"), "new text");
    assert!(fs::symlink_metadata(yard.ws.join("alias.rs")).unwrap().is_symlink());
    assert_eq!(
        (after.mode(), after.uid(), after.gid()),
        (before.mode(), before.uid(), before.gid())
    );
    assert_ne!(after.ino(), before.ino(), "the new file took the place of the old one");
    if has_attributes {
        let mut value = [0; 16];
        let count = rustix::fs::getxattr(&file, "user.test", &mut value[..]).unwrap();
        assert_eq!(&value[..count], b"kept");
    }
    assert_eq!(yard.agent().names("src"), ["main.rs"], "no temporary file is left");
}

#[test]
fn a_save_that_fails_leaves_the_old_file_and_nothing_else() {
    let yard = Yard::new();
    let ask = yard.agent();
    let payload =
        Payload { path: b"open.txt".to_vec(), bytes: vec![b'x'; 3 << 20], ..Payload::default() };
    let cancel = Cancel::default();
    cancel.cancel();
    let task = Task::new(cancel, |_| ());
    let save = Request::Save { expect: None, may_create: false };
    let result = yard.guard.serve(&save, &payload, &ask.asker, &task);
    assert_eq!(code(result), "file-guard/cancelled");
    assert_eq!(yard.text("open.txt"), OPEN);
    assert!(yard.person().names("").iter().all(|name| !name.contains("bulkhead")));
}

#[test]
fn a_save_refuses_a_file_that_has_changed() {
    let yard = Yard::new();
    let ask = yard.person();
    let stamp = ask.value(r#"{"op": "stat"}"#, "open.txt")["stamp"].as_str().unwrap().to_owned();
    let save = |text: &str| {
        let save = Request::Save { expect: Some(stamp.clone()), may_create: true };
        ask.serve(&save, "open.txt", "", text)
    };
    save("one").unwrap();
    assert_eq!(code(save("two")), "file-guard/changed");
    assert_eq!(yard.text("open.txt"), "one");
    fs::remove_file(yard.ws.join("open.txt")).unwrap();
    assert_eq!(code(save("three")), "file-guard/not-found");
}

#[test]
fn a_save_does_not_split_a_file_with_two_names() {
    let yard = Yard::new();
    fs::hard_link(yard.ws.join("open.txt"), yard.ws.join("twin.txt")).unwrap();
    assert_eq!(code(yard.person().save("open.txt", "x")), "file-guard/hard-linked");
    assert_eq!(yard.text("twin.txt"), OPEN);
}

#[test]
fn nothing_is_ever_written_over() {
    let yard = Yard::new();
    let ask = yard.agent();
    for (op, from, to) in [
        (Request::Rename {}, "open.txt", "src/main.rs"),
        (Request::Link {}, "open.txt", "src/main.rs"),
        (Request::CreateFile { mode: None }, "open.txt", ""),
        (Request::CreateFolder {}, "src", ""),
    ] {
        assert_eq!(code(ask.serve(&op, from, to, "x")), "file-guard/exists", "{op:?}");
    }
    assert_eq!(yard.text("open.txt"), OPEN);
}

#[test]
fn a_file_made_with_a_mode_has_it_and_never_runs_as_somebody_else() {
    let yard = Yard::new();
    let ask = yard.person();
    for (path, mode, expected) in [("run.sh", 0o755, 0o755), ("own.txt", 0o4600, 0o600)] {
        ask.serve(&Request::CreateFile { mode: Some(mode) }, path, "", "x").unwrap();
        let found = std::fs::metadata(yard.ws.join(path)).unwrap().permissions().mode();
        assert_eq!(found & 0o7777, expected, "{path}");
    }
}

#[test]
fn removed_things_go_to_the_trash_and_back() {
    let yard = Yard::new();
    let ask = yard.person();
    let trash = |path: &str| {
        let reply = ask.serve(&Request::Trash {}, path, "", "").unwrap();
        serde_json::from_str::<serde_json::Value>(&reply.json).unwrap()["id"].as_u64().unwrap()
    };
    let first = trash("open.txt");
    yard.write("open.txt", "another");
    let second = trash("open.txt");
    let files = yard.home.join(".local/share/Trash/files");
    assert_eq!(fs::read_to_string(files.join("open.txt")).unwrap(), OPEN);
    assert_eq!(fs::read_to_string(files.join("open.txt.2")).unwrap(), "another");
    let info =
        fs::read_to_string(yard.home.join(".local/share/Trash/info/open.txt.trashinfo")).unwrap();
    assert!(info.starts_with("[Trash Info]\nPath=/"), "{info}");
    assert!(info.contains("/ws/open.txt\nDeletionDate="), "{info}");
    let restore = |id: u64| ask.request(&format!(r#"{{"op": "restore", "id": {id}}}"#), "");
    restore(second).unwrap();
    assert_eq!(code(restore(first)), "file-guard/exists");
    fs::remove_file(yard.ws.join("open.txt")).unwrap();
    restore(first).unwrap();
    assert_eq!(yard.text("open.txt"), OPEN);
    assert_eq!(code(restore(first)), "file-guard/not-found");
}

#[test]
fn a_handle_serves_its_own_asker_until_it_is_closed() {
    let yard = Yard::new();
    let (person, agent) = (yard.person(), yard.agent());
    let handle = person.value(r#"{"op": "open"}"#, "open.txt")["handle"].as_u64().unwrap();
    let read = format!(r#"{{"op": "read", "handle": {handle}, "offset": 6, "length": 100}}"#);
    assert_eq!(person.request(&read, "").unwrap().bytes.unwrap(), b"words");
    assert_eq!(code(agent.request(&read, "")), "file-guard/invalid");
    // What is renamed to a closed name while it is open is closed.
    fs::rename(yard.ws.join("open.txt"), yard.ws.join(".env.local")).unwrap();
    assert_eq!(rule(person.request(&read, "")), "built-in/dotenv");
    fs::rename(yard.ws.join(".env.local"), yard.ws.join("open.txt")).unwrap();
    person.request(&format!(r#"{{"op": "close", "handle": {handle}}}"#), "").unwrap();
    assert_eq!(code(person.request(&read, "")), "file-guard/invalid");
}

#[test]
fn a_bounded_number_of_files_is_open() {
    let yard = Yard::new();
    let ask = yard.person();
    for _ in 0..256 {
        ask.request(r#"{"op": "open"}"#, "open.txt").unwrap();
    }
    assert_eq!(code(ask.request(r#"{"op": "open"}"#, "open.txt")), "file-guard/too-large");
    ask.request(r#"{"op": "close-all"}"#, "").unwrap();
    ask.request(r#"{"op": "open"}"#, "open.txt").unwrap();
}

#[test]
fn a_grant_ends_after_ten_minutes_also_for_an_open_file() {
    let yard = Yard::new();
    let ask = yard.person();
    ask.request(r#"{"op": "grant"}"#, ".env").unwrap();
    assert_eq!(ask.read(".env").unwrap(), SECRET);
    let handle = ask.value(r#"{"op": "open"}"#, ".env")["handle"].as_u64().unwrap();
    let read = format!(r#"{{"op": "read", "handle": {handle}, "offset": 0, "length": 100}}"#);
    yard.now_ms.store(1000 + 10 * 60 * 1000 - 1, Ordering::SeqCst);
    ask.request(&read, "").unwrap();
    assert_eq!(rule(yard.agent().read(".env")), "built-in/dotenv");
    assert_eq!(rule(yard.ask(Principal::Actor).read(".env")), "built-in/dotenv");
    yard.now_ms.store(1000 + 10 * 60 * 1000, Ordering::SeqCst);
    assert_eq!(rule(ask.request(&read, "")), "built-in/dotenv");
    assert_eq!(rule(ask.read(".env")), "built-in/dotenv");
}

#[test]
fn a_grant_is_for_the_file_a_symlink_leads_to() {
    let yard = Yard::new();
    yard.write(".env.local", SECRET);
    yard.symlink(".env", "link");
    let ask = yard.person();
    ask.request(r#"{"op": "grant"}"#, "link").unwrap();
    assert_eq!(ask.read("link").unwrap(), SECRET);
    fs::remove_file(yard.ws.join("link")).unwrap();
    yard.symlink(".env.local", "link");
    assert_eq!(rule(ask.read("link")), "built-in/dotenv");
}

#[test]
fn a_grant_is_for_one_name_of_a_file_with_two() {
    let yard = Yard::new();
    fs::hard_link(yard.ws.join(".env"), yard.ws.join("twin.txt")).unwrap();
    let ask = yard.person();
    ask.request(r#"{"op": "grant"}"#, ".env").unwrap();
    assert_eq!(ask.read(".env").unwrap(), SECRET);
    assert_eq!(rule(ask.read("twin.txt")), "built-in/hard-link");
    assert_eq!(rule(yard.agent().read(".env")), "built-in/dotenv");
}

#[test]
fn a_find_honours_ignore_files_from_the_inside_out() {
    let yard = Yard::new();
    yard.write(".gitignore", "*.log\n/made/\n");
    yard.write("a.log", "");
    yard.write("made/x.rs", "");
    yard.write("src/.gitignore", "!b.log\n");
    yard.write("src/b.log", "");
    let find = |options: &str| {
        let reply = yard
            .agent()
            .request(&format!(r#"{{"op": "find", "options": {options}}}"#), "")
            .unwrap();
        split_names(
            &String::from_utf8(reply.bytes.unwrap()).unwrap().replace("{}", "").into_bytes(),
        )
    };
    assert_eq!(
        find("{}"),
        [".env.example", ".gitignore", "open.txt", "src/.gitignore", "src/b.log", "src/main.rs"]
    );
    assert_eq!(
        find(r#"{"include": ["**/*.rs"], "withIgnored": true}"#),
        ["made/x.rs", "src/main.rs"]
    );
    assert_eq!(find(r#"{"exclude": ["src", "*.txt", ".*"]}"#), Vec::<String>::new());
}

#[test]
fn a_list_says_what_git_leaves_out() {
    let yard = Yard::new();
    yard.write(".gitignore", "*.log\n/made/\n");
    yard.write("a.log", "");
    yard.write("made/deep/x.rs", "");
    yard.write("src/.gitignore", "!b.log\n");
    yard.write("src/b.log", "");
    yard.write("src/c.log", "");
    let ignored = |path: &str| {
        let reply = yard.person().request(r#"{"op": "list"}"#, path).unwrap();
        let value: serde_json::Value = serde_json::from_str(&reply.json).unwrap();
        let names = split_names(&reply.bytes.unwrap());
        let entries = value["entries"].as_array().unwrap();
        let mut ignored: Vec<String> = (names.into_iter().zip(entries))
            .filter(|(_, entry)| entry["ignored"].as_bool() == Some(true))
            .map(|(name, _)| name)
            .collect();
        ignored.sort();
        ignored
    };
    assert_eq!(ignored(""), ["a.log", "made"]);
    assert_eq!(ignored("src"), ["c.log"]);
    assert_eq!(ignored("made/deep"), ["x.rs"]);
}

#[test]
fn a_search_marks_places_and_stops_at_its_bound() {
    let yard = Yard::new();
    yard.write("many.txt", &"ä needle and Needle\n".repeat(50));
    yard.write("binary", "needle\0needle");
    let search = |options: &str| {
        let reply = yard
            .agent()
            .request(&format!(r#"{{"op": "search", "options": {options}}}"#), "")
            .unwrap();
        (String::from_utf8(reply.bytes.unwrap_or_default()).unwrap(), reply.json)
    };
    let (lines, summary) = search(r#"{"pattern": "needle"}"#);
    assert!(lines.contains(r#""ranges":[[2,8],[13,19]]"#), "{lines}");
    assert_eq!(lines.matches("\"file\":\"many.txt\"").count(), 50);
    assert!(summary.contains("\"isCut\":false"), "{summary}");
    let (lines, summary) = search(r#"{"pattern": "Needle", "matchesMax": 3}"#);
    assert_eq!(lines.matches(r#""ranges":[[13,19]]"#).count(), 3);
    assert!(summary.contains("\"isCut\":true"), "{summary}");
}

#[test]
fn a_cancelled_walk_stops() {
    let yard = Yard::new();
    let cancel = Cancel::default();
    let stop = cancel.clone();
    let task = Task::new(cancel, move |_| stop.cancel());
    let payload = Payload::default();
    let asker = yard.person().asker;
    let result = yard.guard.serve(&request(r#"{"op": "find"}"#), &payload, &asker, &task);
    assert!(matches!(result, Err(GuardError::Cancelled)), "{result:?}");
}

#[test]
fn new_rules_hold_at_once() {
    let yard = Yard::new();
    let ask = yard.person();
    assert_eq!(ask.read("open.txt").unwrap(), OPEN);
    let rules = br#"{"rules": [{"id": "mine", "deny": ["open.txt"]}]}"#;
    let policy = bulkhead_policy::Policy::builtin(bulkhead_policy::Places::default()).unwrap();
    yard.guard.set_policy(policy.with_user(rules, "policy.json").unwrap());
    assert_eq!(rule(ask.read("open.txt")), "user/mine");
}

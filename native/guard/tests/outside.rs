//! Files outside the workspace that the person has opened, and what a guard hands over to the next.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod yard;

use bulkhead_guard::{Clock, Guard, Request};
use bulkhead_policy::{Places, Policy, Principal};
use std::fs;
use std::sync::Arc;
use yard::{SECRET, Yard, bytes, request, rule};

/// A yard whose person has opened `~/notes.txt`, `~/.npmrc` and `~/.ssh/id_ed25519`.
fn widened() -> Yard {
    let mut yard = Yard::new();
    fs::write(yard.home.join("notes.txt"), "notes").unwrap();
    fs::write(yard.home.join("other.txt"), SECRET).unwrap();
    yard.guard = Arc::new(next_guard(&yard));
    yard
}

fn next_guard(yard: &Yard) -> Guard {
    let (homes, workspaces) = (vec![bytes(&yard.home)], vec![bytes(&yard.ws)]);
    let policy = Policy::builtin(Places { homes, workspaces, ..Places::default() }).unwrap();
    let files = ["notes.txt", ".npmrc", ".ssh/id_ed25519"].map(|name| bytes(&yard.home.join(name)));
    let clock = Clock::Manual(Arc::clone(&yard.now_ms));
    Guard::new(policy, &[bytes(&yard.ws)], clock).unwrap().with_outside(&files).unwrap()
}

#[test]
fn the_file_that_was_opened_is_open_to_the_person_and_nothing_beside_it() {
    let yard = widened();
    let at = |name: &str| yard.home.join(name).to_str().unwrap().to_owned();
    assert_eq!(yard.person().read(&at("notes.txt")).unwrap(), "notes");
    yard.person().save(&at("notes.txt"), "new").unwrap();
    assert_eq!(fs::read_to_string(yard.home.join("notes.txt")).unwrap(), "new");
    for name in ["other.txt", "ws-evil/a.txt", "ws/../other.txt"] {
        assert_eq!(rule(yard.person().read(&at(name))), "built-in/outside-workspace", "{name}");
        assert_eq!(rule(yard.person().save(&at(name), "x")), "built-in/outside-workspace");
    }
    let new = yard.person().request(r#"{"op":"create-file"}"#, &at("new.txt"));
    assert_eq!(rule(new), "built-in/outside-workspace");
}

#[test]
fn its_folder_shows_nothing_else_and_programs_see_none_of_it() {
    let yard = widened();
    let home = yard.home.to_str().unwrap();
    let listing = yard.person().value(r#"{"op":"list"}"#, home);
    let open = listing["entries"].as_array().unwrap();
    let open = open.iter().filter(|entry| entry["kind"] != "closed").count();
    assert_eq!(open, 2, "the file and the workspace: {listing}");
    for principal in [Principal::Agent, Principal::Mcp("files".into())] {
        let ask = yard.ask(principal);
        let notes = format!("{home}/notes.txt");
        assert_eq!(rule(ask.read(&notes)), "built-in/outside-workspace");
        assert_eq!(rule(ask.save(&notes, "x")), "built-in/outside-workspace");
        assert_eq!(rule(ask.request(r#"{"op":"list"}"#, home)), "built-in/outside-workspace");
        assert_eq!(rule(ask.request(r#"{"op":"stat"}"#, &notes)), "built-in/outside-workspace");
    }
}

#[test]
fn rules_hold_outside_as_well() {
    let yard = widened();
    let at = |name: &str| yard.home.join(name).to_str().unwrap().to_owned();
    assert_eq!(rule(yard.person().read(&at(".ssh/id_ed25519"))), "built-in/ssh-keys");
    let npmrc = at(".npmrc");
    assert_ne!(rule(yard.person().read(&npmrc)), "open");
    yard.person().request(r#"{"op":"grant"}"#, &npmrc).unwrap();
    assert_eq!(yard.person().read(&npmrc).unwrap(), SECRET);
}

#[test]
fn a_symlink_put_in_its_place_leads_nowhere() {
    let yard = widened();
    let notes = yard.home.join("notes.txt");
    fs::remove_file(&notes).unwrap();
    std::os::unix::fs::symlink(yard.home.join("other.txt"), &notes).unwrap();
    let read = yard.person().read(notes.to_str().unwrap());
    assert_ne!(rule(read), "open");
    fs::remove_file(&notes).unwrap();
    fs::hard_link(yard.home.join(".ssh/id_ed25519"), &notes).unwrap();
    assert_eq!(rule(yard.person().read(notes.to_str().unwrap())), "built-in/hard-link");
}

#[test]
fn grants_and_removals_are_handed_over() {
    let mut yard = widened();
    yard.person().request(r#"{"op":"grant"}"#, ".env").unwrap();
    let id = yard.person().value(r#"{"op":"trash"}"#, "open.txt")["id"].as_u64().unwrap();
    let handover = yard.person().request(r#"{"op":"hand-over"}"#, "").unwrap().json;
    yard.guard = Arc::new(next_guard(&yard));
    assert_ne!(rule(yard.person().read(".env")), "open", "a new guard knows no grants");
    let take: Request = request(&format!(r#"{{"op":"take-over","from":{handover}}}"#));
    yard.person().serve(&take, "", "", "").unwrap();
    assert_eq!(yard.person().read(".env").unwrap(), SECRET);
    assert_ne!(rule(yard.agent().read(".env")), "open");
    yard.person().request(&format!(r#"{{"op":"restore","id":{id}}}"#), "").unwrap();
    assert!(yard.has("open.txt"));
    yard.now_ms.fetch_add(11 * 60 * 1000, std::sync::atomic::Ordering::SeqCst);
    assert_ne!(rule(yard.person().read(".env")), "open", "a grant is not made longer");
}

//! The guard against a slow and obvious model: random trees, links and rules, random paths.
//!
//! The model works on strings and looks at every file of the tree for other names. Nothing moves while
//! it looks, so it needs no descriptors; that is the only thing it may get away with.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod yard;

use bulkhead_guard::GuardError;
use bulkhead_policy::{Op, Places, Policy, Principal};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, proptest};
use proptest::sample::select;
use proptest::test_runner::Config;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use yard::{SECRET, Yard, bytes};

const NAMES: &[&str] = &["a", "b", "A", ".env", ".ENV", "c.pem", ".ssh", "d"];

#[derive(Clone, Debug)]
enum Thing {
    Folder,
    File,
    Symlink(String),
    HardLink(usize),
}

fn name() -> impl Strategy<Value = String> {
    select(NAMES).prop_map(str::to_owned)
}

fn path() -> impl Strategy<Value = String> {
    vec(select([NAMES, &["..", "."]].concat()), 1..4).prop_map(|names| names.join("/"))
}

fn thing() -> impl Strategy<Value = (String, Thing)> {
    let place = vec(name(), 1..4).prop_map(|names| names.join("/"));
    (place, any::<u8>(), path(), any::<bool>(), any::<usize>()).prop_map(
        |(place, kind, target, is_up, which)| {
            let thing = match kind % 5 {
                0 => Thing::Folder,
                1 | 2 => Thing::File,
                3 => Thing::Symlink(if is_up { format!("../{target}") } else { target }),
                _ => Thing::HardLink(which),
            };
            (place, thing)
        },
    )
}

/// Makes what can be made; what is in the way of something else stays as it is.
fn plant(yard: &Yard, things: &[(String, Thing)]) {
    let mut files: Vec<PathBuf> = vec![yard.ws.join(".env"), yard.home.join(".npmrc")];
    for (place, thing) in things {
        let full = yard.ws.join(place);
        if fs::create_dir_all(full.parent().unwrap()).is_err()
            || fs::symlink_metadata(&full).is_ok()
        {
            continue;
        }
        // A folder on the way may be a symlink that leads out of the yard's own folders.
        let above = fs::canonicalize(full.parent().unwrap()).unwrap();
        if !above.starts_with(&yard.home) {
            continue;
        }
        match thing {
            Thing::Folder => fs::create_dir(&full).unwrap(),
            Thing::File => {
                fs::write(&full, place).unwrap();
                files.push(full);
            }
            Thing::Symlink(target) => std::os::unix::fs::symlink(target, &full).unwrap(),
            Thing::HardLink(which) => fs::hard_link(&files[which % files.len()], &full).unwrap(),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Answer {
    Open(String),
    Denied,
    Nothing,
}

struct Model<'a> {
    yard: &'a Yard,
    policy: &'a Policy,
}

impl Model<'_> {
    fn read(&self, path: &str) -> Answer {
        let has_dots = path.split('/').any(|name| name == "." || name == "..");
        if !has_dots && self.is_closed(&self.yard.ws.join(path)) {
            return Answer::Denied;
        }
        let Some(real) = self.walk(&self.yard.ws.join(path)) else { return Answer::Denied };
        let Ok(facts) = fs::symlink_metadata(&real) else { return Answer::Nothing };
        if facts.nlink() > 1 && facts.is_file() && self.has_closed_name(&self.yard.home, &facts) {
            return Answer::Denied;
        }
        fs::read_to_string(real).map_or(Answer::Nothing, Answer::Open)
    }

    /// The real path, of something that need not be there; `None` where a closed name is on the way.
    fn walk(&self, path: &Path) -> Option<PathBuf> {
        let mut pending: Vec<String> =
            path.to_str().unwrap().split('/').rev().map(str::to_owned).collect();
        let mut here = PathBuf::from("/");
        let mut left = 300;
        while let Some(name) = pending.pop() {
            left -= 1;
            if left == 0 {
                return Some("/proc/self/none".into());
            }
            let nothing = Some("/proc/self/none".into());
            let is_folder = here.is_dir();
            match name.as_str() {
                "" => continue,
                "." | ".." if !is_folder => return nothing,
                "." => continue,
                ".." => {
                    here.pop();
                    continue;
                }
                _ => here.push(&name),
            }
            let is_way = self.yard.ws.starts_with(&here);
            if self.is_closed_by_rule(&here) || !(is_way || here.starts_with(&self.yard.ws)) {
                return None;
            }
            if !is_folder || fs::symlink_metadata(&here).is_err() {
                return nothing;
            }
            if let Ok(target) = fs::read_link(&here) {
                here.pop();
                pending.extend(target.to_str().unwrap().split('/').rev().map(str::to_owned));
            }
        }
        if self.is_closed(&here) { None } else { Some(here) }
    }

    fn is_closed(&self, path: &Path) -> bool {
        self.is_closed_by_rule(path) || !path.starts_with(&self.yard.ws)
    }

    fn is_closed_by_rule(&self, path: &Path) -> bool {
        !self.policy.decide(Op::Read, &bytes(path), &Principal::Agent).is_allowed()
    }

    fn has_closed_name(&self, folder: &Path, wanted: &fs::Metadata) -> bool {
        fs::read_dir(folder).unwrap().any(|entry| {
            let path = entry.unwrap().path();
            let facts = fs::symlink_metadata(&path).unwrap();
            let is_it = (facts.dev(), facts.ino()) == (wanted.dev(), wanted.ino());
            (is_it && self.is_closed_by_rule(&path))
                || (facts.is_dir() && self.has_closed_name(&path, wanted))
        })
    }
}

proptest! {
    #![proptest_config(Config { cases: 60, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_guard_agrees_with_the_model(
        things in vec(thing(), 1..12),
        rules in vec(name(), 0..3),
        paths in vec(path(), 1..12),
    ) {
        let deny = if rules.is_empty() { vec!["none-such".to_owned()] } else { rules };
        let file = serde_json::json!({"rules": [{"id": "own", "deny": deny}]}).to_string();
        let yard = Yard::with(|policy| policy.with_user(file.as_bytes(), "p").unwrap());
        plant(&yard, &things);
        let places = Places {
            homes: vec![bytes(&yard.home)],
            workspaces: vec![bytes(&yard.ws)],
            ..Places::default()
        };
        let policy = Policy::builtin(places).unwrap().with_user(file.as_bytes(), "p").unwrap();
        let model = Model { yard: &yard, policy: &policy };
        let planted = things.iter().map(|(place, _)| place.clone());
        for path in paths.into_iter().chain(planted) {
            let answer = match yard.agent().read(&path) {
                Ok(text) => Answer::Open(text),
                Err(GuardError::Denied(_)) => Answer::Denied,
                Err(_) => Answer::Nothing,
            };
            assert_eq!(answer, model.read(&path), "{path} in {things:?} with {deny:?}");
            assert_ne!(answer, Answer::Open(SECRET.into()), "{path} in {things:?}");
        }
    }
}

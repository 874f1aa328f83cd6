//! The built-in rules against the paths people and attackers name.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bulkhead_policy::{Decision, GrantError, Grants, Level, Op, Places, Policy, Principal};

fn places() -> Places {
    Places::from_lookup(|name| match name {
        "HOME" => Some(b"/home/u".to_vec()),
        "XDG_CONFIG_HOME" => Some(b"/cfg".to_vec()),
        "BULKHEAD_WORKSPACE" => Some(b"/home/u/ws".to_vec()),
        "BULKHEAD_RUNTIME_DIR" => Some(b"/run/user/1/bulkhead/x".to_vec()),
        _ => None,
    })
}

fn policy() -> Policy {
    Policy::builtin(places()).unwrap()
}

fn rule(op: Op, path: &str, principal: &Principal) -> Option<String> {
    match policy().decide(op, path.as_bytes(), principal) {
        Decision::Allow => None,
        Decision::Deny(denial) => Some(denial.rule),
    }
}

#[test]
fn closes_secrets_to_everybody() {
    let closed = [
        ("/home/u/.ssh/id_ed25519", "built-in/ssh-keys"),
        ("/home/u/ws/.ssh/id", "built-in/ssh-keys"),
        ("/home/u/ws/.SSH/config", "built-in/ssh-keys"),
        ("/home/u/ws/id_rsa.bak", "built-in/ssh-keys"),
        ("/home/u/ws/server.key", "built-in/key-files"),
        ("/home/u/ws/a/server.PEM~", "built-in/key-files"),
        ("/home/u/.aws/credentials", "built-in/cloud"),
        ("/home/u/.config/gh/hosts.yml", "built-in/cloud"),
        ("/cfg/gh/hosts.yml", "built-in/cloud"),
        ("/home/u/ws/.env", "built-in/dotenv"),
        ("/home/u/ws/.env.local", "built-in/dotenv"),
        ("/home/u/ws/deep/er/.ENV.bak", "built-in/dotenv"),
        ("/home/u/ws/..env.swp", "built-in/dotenv"),
        ("/home/u/ws/.e\u{200b}nv", "built-in/dotenv"),
        ("/home/u/ws/.env/inside", "built-in/dotenv"),
        ("/home/u/ws/.env (deleted)", "built-in/dotenv"),
        ("/home/u/ws/.env.example.bak", "built-in/dotenv"),
        ("/home/u/.npmrc", "built-in/registries"),
        ("/home/u/.cargo/credentials.toml", "built-in/registries"),
        ("/home/u/ws/service-account-1.json", "built-in/service-accounts"),
        ("/home/u/.bash_history", "built-in/histories"),
        ("/proc/self/environ", "built-in/kernel-files"),
        ("/dev/zero", "built-in/kernel-files"),
        ("/etc/shadow", "built-in/system-secrets"),
        ("/run/user/1/bulkhead/x/token", "built-in/own-state"),
        ("/home/u/.local/state/bulkhead/a/journal", "built-in/own-state"),
        ("/cfg/bulkhead/mcp.json", "built-in/own-servers"),
    ];
    for principal in [Principal::Person, Principal::Actor, Principal::Agent] {
        for (path, wanted) in closed {
            assert_eq!(rule(Op::Read, path, &principal).as_deref(), Some(wanted), "{path}");
            assert!(rule(Op::Write, path, &principal).is_some(), "write {path}");
        }
    }
}

#[test]
fn leaves_ordinary_files_open() {
    let open = [
        "/",
        "/home/u/ws",
        "/home/u/ws/src/main.rs",
        "/home/u/ws/.env.example",
        "/home/u/ws/.env.sample",
        "/home/u/ws/.ENV.Template",
        "/home/u/ws/env",
        "/home/u/ws/.environment",
        "/home/u/ws/.gitignore",
        "/etc/ssl/certs/ca.pem",
        "/usr/lib/python3/certifi/cacert.pem",
        "/home/u/ws/keys.rs",
        "/home/u/ws/id_generator.py",
        "/home/u/ws/monkey",
        "/home/u/ws/package.json",
        "/home/u/ws/\u{e9}t\u{e9}.txt",
        "/home/u/ws/.github/workflows/ci.yml",
    ];
    for path in open {
        for op in [Op::Read, Op::Write] {
            assert_eq!(rule(op, path, &Principal::Mcp("x".into())), None, "{op} {path}");
        }
    }
}

#[test]
fn lets_persistence_targets_be_read_but_not_written() {
    let targets = [
        "/home/u/.bashrc",
        "/home/u/.config/fish/config.fish",
        "/home/u/ws/.git/hooks/pre-commit",
        "/home/u/ws/.git/config",
        "/home/u/ws/.git/modules/a/hooks/x",
        "/home/u/ws/.gitmodules",
        "/home/u/ws/.vscode/tasks.json",
        "/home/u/ws/.mcp.json",
        "/cfg/bulkhead/policy.json",
        "/home/u/ws/.bulkhead/policy.json",
        "/cfg/autostart/x.desktop",
    ];
    for path in targets {
        assert_eq!(rule(Op::Read, path, &Principal::Agent), None, "read {path}");
        assert!(rule(Op::Write, path, &Principal::Agent).is_some(), "write {path}");
    }
}

#[test]
fn keeps_the_folders_above_closed_files_where_they_are() {
    let policy = policy();
    for path in ["/home/u/ws/.git", "/home/u/.config", "/home/u", "/home", "/cfg", "/home/u/.cargo"]
    {
        let decision = policy.decide_move(path.as_bytes(), &Principal::Agent);
        assert!(!decision.is_allowed(), "{path}");
    }
    for path in ["/home/u/ws/src", "/home/u/ws/.github", "/home/u/ws/a/b"] {
        assert!(policy.decide_move(path.as_bytes(), &Principal::Agent).is_allowed(), "{path}");
    }
}

#[test]
fn denies_what_is_no_real_path() {
    for path in ["", "a", "/a/../.env.example", "/a/./b", "/a\0"] {
        let wanted = Some("built-in/malformed-path".to_owned());
        assert_eq!(rule(Op::Read, path, &Principal::Person), wanted, "{path:?}");
    }
}

#[test]
fn names_a_fixed_rule_before_a_guarded_one() {
    let wanted = Some("built-in/ssh-keys".to_owned());
    assert_eq!(rule(Op::Read, "/home/u/ws/.env/.ssh/x", &Principal::Person), wanted);
}

#[test]
fn offers_a_grant_to_the_person_alone_and_for_guarded_files_alone() {
    let policy = policy();
    let liftable = |path: &str, principal: &Principal| match policy.decide(
        Op::Read,
        path.as_bytes(),
        principal,
    ) {
        Decision::Allow => panic!("{path} is open"),
        Decision::Deny(denial) => denial.liftable,
    };
    assert!(liftable("/home/u/ws/.env", &Principal::Person));
    assert!(!liftable("/home/u/ws/.env", &Principal::Actor));
    assert!(!liftable("/home/u/ws/.env", &Principal::Agent));
    assert!(!liftable("/home/u/ws/.ssh", &Principal::Person));
}

#[test]
fn opens_one_guarded_file_to_the_person_for_ten_minutes() {
    let policy = policy();
    let mut grants = Grants::default();
    let env = b"/home/u/ws/.env".as_slice();
    let is_open = |grants: &Grants, path: &[u8], principal: &Principal, now_ms: u64| {
        grants.decide(&policy, (Op::Read, path), principal, now_ms).is_allowed()
    };
    assert_eq!(grants.give(&policy, env, &Principal::Person, 1000), Ok(601_000));
    assert!(is_open(&grants, env, &Principal::Person, 600_999));
    assert!(!is_open(&grants, env, &Principal::Person, 601_000));
    assert!(!is_open(&grants, env, &Principal::Agent, 1000));
    assert!(!is_open(&grants, env, &Principal::Actor, 1000));
    assert!(!is_open(&grants, b"/home/u/ws/.env.bak", &Principal::Person, 1000));
    assert!(!is_open(&grants, b"/home/u/ws/.env/x", &Principal::Person, 1000));
    assert!(grants.take_back(env));
    assert!(!is_open(&grants, env, &Principal::Person, 1000));
}

#[test]
fn grants_nothing_to_others_and_nothing_fixed() {
    let policy = policy();
    let mut grants = Grants::default();
    let env = b"/home/u/ws/.env".as_slice();
    for principal in [Principal::Agent, Principal::Actor, Principal::Mcp("a".into())] {
        assert_eq!(grants.give(&policy, env, &principal, 0), Err(GrantError::NotThePerson));
    }
    let fixed = grants.give(&policy, b"/home/u/.ssh/id", &Principal::Person, 0);
    assert_eq!(fixed, Err(GrantError::Fixed("built-in/ssh-keys".into())));
    let open = grants.give(&policy, b"/home/u/ws/a", &Principal::Person, 0);
    assert_eq!(open, Err(GrantError::NotNeeded));
}

#[test]
fn gives_a_bounded_number_of_grants() {
    let policy = policy();
    let mut grants = Grants::default();
    for number in 0..64 {
        let path = format!("/home/u/ws/{number}/.env");
        assert!(grants.give(&policy, path.as_bytes(), &Principal::Person, 0).is_ok());
    }
    let more = |grants: &mut Grants, now_ms| {
        grants.give(&policy, b"/home/u/ws/.env", &Principal::Person, now_ms)
    };
    assert_eq!(more(&mut grants, 1), Err(GrantError::Full));
    assert!(more(&mut grants, 600_000).is_ok());
}

#[test]
fn closes_everything_to_programs_when_told_to() {
    let policy = policy().closed_to_programs("unreadable-policy", "x");
    let decide = |principal| policy.decide(Op::Read, b"/home/u/ws/a", &principal);
    assert!(decide(Principal::Person).is_allowed());
    let Decision::Deny(denial) = decide(Principal::Agent) else { panic!("open") };
    assert_eq!((denial.level, denial.rule.as_str()), (Level::Fixed, "built-in/unreadable-policy"));
}

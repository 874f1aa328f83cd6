//! Policy files: what is honoured, and what is refused with its place.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bulkhead_policy::{Decision, Op, Places, Policy, PolicyError, Principal};
use proptest::prelude::{any, proptest};

fn builtin() -> Policy {
    let places = Places {
        homes: vec![b"/home/u".to_vec()],
        workspaces: vec![b"/home/u/ws".to_vec()],
        ..Places::default()
    };
    Policy::builtin(places).unwrap()
}

fn user(text: &str) -> Result<Policy, PolicyError> {
    builtin().with_user(text.as_bytes(), "policy.json")
}

fn rule(policy: &Policy, op: Op, path: &str) -> Option<String> {
    match policy.decide(op, path.as_bytes(), &Principal::Person) {
        Decision::Allow => None,
        Decision::Deny(denial) => Some(denial.rule),
    }
}

#[test]
fn honours_the_rules_of_a_person() {
    let policy = user(
        r#"{"rules": [
            {"id": "clients", "why": "theirs", "deny": ["~/clients", "*.secret"], "except": ["public.secret"]},
            {"id": "frozen", "level": "fixed", "ops": ["write"], "deny": ["./vendor"]}
        ]}"#,
    )
    .unwrap();
    let clients = Some("user/clients".to_owned());
    assert_eq!(rule(&policy, Op::Read, "/home/u/clients/a"), clients);
    assert_eq!(rule(&policy, Op::Read, "/home/u/ws/x/A.Secret~"), clients);
    assert_eq!(rule(&policy, Op::Read, "/home/u/ws/public.secret"), None);
    assert_eq!(rule(&policy, Op::Read, "/home/u/ws/vendor/a"), None);
    assert_eq!(rule(&policy, Op::Write, "/home/u/ws/vendor/a"), Some("user/frozen".into()));
}

#[test]
fn says_file_line_and_key_of_what_it_refuses() {
    let cases = [
        (
            "{\"rules\": [\n{\"id\": \"a\", \"deny\": [\"x\",\n\"**/y\"]}]}",
            3,
            "deny: pattern \"**/y\"",
        ),
        ("{\"rules\": [\n{\"id\": \"A\", \"deny\": [\"x\"]}]}", 2, "id: \"A\" must be"),
        ("{\"rules\": [\n{\"id\": \"a\", \"allow\": [\"x\"]}]}", 2, "unknown field `allow`"),
        ("{\"rules\": [\n\n{\"id\": \"a\", \"deny\": []}]}", 3, "deny: is empty"),
        ("{\"rules\": [{\"id\": \"a\", \"ops\": [], \"deny\": [\"x\"]}]}", 1, "ops: is empty"),
        ("{\"rules\": [{\"id\": \"a\", \"level\": \"open\", \"deny\": [\"x\"]}]}", 1, "`open`"),
        (
            "{\"rules\": [{\"id\": \"a\", \"id\": \"b\", \"deny\": [\"x\"]}]}",
            1,
            "duplicate field `id`",
        ),
        (
            "{\"rules\": [{\"id\": \"a\", \"deny\": [\"x\"]},\n{\"id\": \"a\", \"deny\": [\"y\"]}]}",
            2,
            "\"a\" is there twice",
        ),
        (
            "{\"rules\": [{\"id\": \"a\", \"deny\": [\"x\"], \"except\": [\"[\"]}]}",
            1,
            "except: pattern",
        ),
        ("{\"rules\": {}}", 1, "expected a sequence"),
        ("{}", 1, "missing field `rules`"),
        ("", 1, "EOF"),
        ("{\"rules\": []} x", 1, "trailing characters"),
    ];
    for (text, line, says) in cases {
        let error = user(text).unwrap_err();
        assert_eq!((error.file.as_str(), error.line), ("policy.json", line), "{text}: {error}");
        assert!(error.reason.contains(says), "{text}: {error}");
        assert!(!error.reason.contains(" at line "), "{error}");
    }
}

#[test]
fn refuses_a_file_over_its_bound() {
    let text = format!("{{\"rules\": []}}{}", " ".repeat(256 * 1024));
    let error = user(&text).unwrap_err();
    assert!(error.reason.contains("at most 262144"), "{error}");
}

#[test]
fn lets_a_workspace_only_narrow() {
    let attempt = br#"{"rules": [{"id": "open", "deny": ["zzz"], "except": [".env", "~/.ssh"]}]}"#;
    let policy = builtin().with_workspace(attempt, "w").unwrap();
    assert_eq!(rule(&policy, Op::Read, "/home/u/ws/.env"), Some("built-in/dotenv".into()));
    assert_eq!(rule(&policy, Op::Read, "/home/u/.ssh/id"), Some("built-in/ssh-keys".into()));
    assert_eq!(rule(&policy, Op::Read, "/home/u/ws/zzz"), Some("workspace/open".into()));
}

proptest! {
    #[test]
    fn takes_no_random_bytes_for_a_policy_and_never_panics(text in any::<Vec<u8>>()) {
        let _ = builtin().with_user(&text, "policy.json");
    }

    #[test]
    fn survives_policies_cut_and_changed_anywhere(at in 0usize..200, byte in any::<u8>(), cut in any::<bool>()) {
        let mut text = br#"{"rules": [{"id": "clients", "why": "w", "level": "fixed", "ops": ["read"],
            "deny": ["~/clients", "*.secret", ".git/*/x"], "except": ["./a"]}]}"#.to_vec();
        let at = at % text.len();
        if cut { text.truncate(at) } else { text[at] = byte }
        if let Ok(policy) = builtin().with_user(&text, "policy.json") {
            // Whatever it says, it opens nothing.
            assert!(!policy.decide(Op::Read, b"/home/u/.ssh/id", &Principal::Person).is_allowed());
        }
    }

    #[test]
    fn any_pattern_is_honoured_or_refused(pattern in "[a.*/~?]{0,8}") {
        let text = serde_json::json!({"rules": [{"id": "a", "deny": [pattern]}]}).to_string();
        let _ = user(&text);
    }
}

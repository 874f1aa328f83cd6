//! A home folder with secrets and a workspace in it, a guard over the workspace, and two naive
//! guards that show that each attack works where the defence is missing.
#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    missing_docs,
    reason = "shared by test files, each of which uses a part"
)]

use bulkhead_guard::{Asker, Cancel, Clock, Guard, GuardError, Payload, Reply, Request, Task};
use bulkhead_policy::{Places, Policy, Principal};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

pub const SECRET: &str = "SECRET-tres3cret";
pub const OPEN: &str = "plain words";

pub struct Yard {
    top: PathBuf,
    pub home: PathBuf,
    pub ws: PathBuf,
    pub guard: Arc<Guard>,
    pub now_ms: Arc<AtomicU64>,
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

impl Yard {
    pub fn new() -> Self {
        Self::with(|policy| policy)
    }

    pub fn with(change: impl FnOnce(Policy) -> Policy) -> Self {
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("bulkhead-yard-{}-{number}", std::process::id());
        let top = fs::canonicalize(std::env::temp_dir()).unwrap().join(name);
        let home = top.join("home");
        let ws = home.join("ws");
        for folder in [".ssh", ".config/gh", "ws/src", "ws/.git/hooks", "ws-evil", ".local/share"] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        for file in
            [".ssh/id_ed25519", ".config/gh/hosts.yml", "ws/.env", "ws-evil/a.txt", ".npmrc"]
        {
            fs::write(home.join(file), SECRET).unwrap();
        }
        for file in ["ws/open.txt", "ws/src/main.rs", "ws/.env.example", "ws/.git/config"] {
            fs::write(home.join(file), OPEN).unwrap();
        }
        let places =
            Places { homes: vec![bytes(&home)], workspaces: vec![bytes(&ws)], ..Places::default() };
        let policy = change(Policy::builtin(places).unwrap());
        let now_ms = Arc::new(AtomicU64::new(1000));
        let clock = Clock::Manual(Arc::clone(&now_ms));
        let guard = Arc::new(Guard::new(policy, &[bytes(&ws)], clock).unwrap());
        Self { top, home, ws, guard, now_ms }
    }

    pub fn ask(&self, principal: Principal) -> Ask<'_> {
        Ask { yard: self, asker: Asker { principal, actor: "test".into() } }
    }

    pub fn person(&self) -> Ask<'_> {
        self.ask(Principal::Person)
    }

    pub fn agent(&self) -> Ask<'_> {
        self.ask(Principal::Agent)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.ws.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn symlink(&self, target: &str, path: &str) {
        std::os::unix::fs::symlink(target, self.ws.join(path)).unwrap();
    }

    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.ws.join(path)).unwrap()
    }

    pub fn has(&self, path: &str) -> bool {
        fs::symlink_metadata(self.ws.join(path)).is_ok()
    }

    /// Looks at the letters of the path, then opens it: what many file servers do.
    pub fn naive_by_text(&self, path: &str) -> Option<String> {
        let full = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("{}/{path}", self.ws.display())
        };
        let is_inside = full.starts_with(self.ws.to_str().unwrap());
        let is_closed = full.ends_with("/.env") || full.contains("/.ssh/");
        if !is_inside || is_closed { None } else { fs::read_to_string(full).ok() }
    }

    /// Resolves the path, looks at the letters of the result, then opens it; `between` is what another
    /// process does meanwhile.
    pub fn naive_by_real_path(&self, path: &str, between: impl FnOnce()) -> Option<String> {
        let full = self.ws.join(path);
        let real = fs::canonicalize(&full).ok()?;
        if !real.starts_with(&self.ws) || real.ends_with(".env") {
            return None;
        }
        between();
        fs::read_to_string(full).ok()
    }
}

impl Drop for Yard {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.top);
    }
}

/// Requests of one asker.
pub struct Ask<'a> {
    yard: &'a Yard,
    pub asker: Asker,
}

impl Ask<'_> {
    pub fn serve(
        &self,
        request: &Request,
        path: &str,
        to: &str,
        bytes: &str,
    ) -> Result<Reply, GuardError> {
        self.serve_bytes(request, path.as_bytes(), to, bytes)
    }

    pub fn serve_bytes(
        &self,
        request: &Request,
        path: &[u8],
        to: &str,
        bytes: &str,
    ) -> Result<Reply, GuardError> {
        let payload = Payload { path: path.to_vec(), to: to.into(), bytes: bytes.into() };
        let parts = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&parts);
        let task = Task::new(Cancel::default(), move |part| sink.lock().unwrap().push(part));
        let mut reply = self.yard.guard.serve(request, &payload, &self.asker, &task)?;
        // Whatever came in parts is looked at as one.
        let mut all = Vec::new();
        for part in parts.lock().unwrap().iter() {
            all.extend_from_slice(part.json.as_bytes());
            all.extend_from_slice(part.bytes.as_deref().unwrap_or_default());
        }
        if !all.is_empty() {
            all.extend_from_slice(&reply.bytes.unwrap_or_default());
            reply.bytes = Some(all);
        }
        Ok(reply)
    }

    pub fn request(&self, json: &str, path: &str) -> Result<Reply, GuardError> {
        self.serve(&request(json), path, "", "")
    }

    pub fn read(&self, path: &str) -> Result<String, GuardError> {
        let reply = self.serve(&Request::ReadWhole { max: 1 << 20 }, path, "", "")?;
        Ok(String::from_utf8(reply.bytes.unwrap()).unwrap())
    }

    pub fn save(&self, path: &str, text: &str) -> Result<Reply, GuardError> {
        self.serve(&Request::Save { expect: None, may_create: false }, path, "", text)
    }

    pub fn names(&self, path: &str) -> Vec<String> {
        let reply = self.serve(&Request::List {}, path, "", "").unwrap();
        let mut names = split_names(&reply.bytes.unwrap());
        names.sort();
        names
    }

    pub fn value(&self, json: &str, path: &str) -> serde_json::Value {
        serde_json::from_str(&self.request(json, path).unwrap().json).unwrap()
    }
}

pub fn request(json: &str) -> Request {
    serde_json::from_str(json).unwrap()
}

pub fn split_names(bytes: &[u8]) -> Vec<String> {
    let names = bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

pub fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

pub fn rule<T>(result: Result<T, GuardError>) -> String {
    match result {
        Err(GuardError::Denied(denied)) => denied.rule,
        Err(other) => format!("error {}", other.code()),
        Ok(_) => "open".into(),
    }
}

pub fn code<T>(result: Result<T, GuardError>) -> &'static str {
    match result {
        Err(error) => error.code(),
        Ok(_) => "ok",
    }
}

/// Every way to learn something of `path`, or to change it, is denied to the person and to programs.
pub fn assert_closed(yard: &Yard, path: &str) {
    let options = format!("{{\"pattern\": \"{SECRET}\"}}");
    let requests = [
        r#"{"op": "stat"}"#.to_owned(),
        r#"{"op": "open"}"#.to_owned(),
        r#"{"op": "read-whole", "max": 100}"#.to_owned(),
        r#"{"op": "list"}"#.to_owned(),
        r#"{"op": "find"}"#.to_owned(),
        format!(r#"{{"op": "search", "options": {options}}}"#),
        r#"{"op": "check", "write": false}"#.to_owned(),
    ];
    for principal in
        [Principal::Person, Principal::Actor, Principal::Agent, Principal::Mcp("m".into())]
    {
        let ask = yard.ask(principal.clone());
        for json in &requests {
            let result = ask.request(json, path);
            let is_denied = matches!(result, Err(GuardError::Denied(_)));
            assert!(is_denied, "{principal} {json} {path}: {result:?}");
        }
    }
}

//! What is installed where this root's programs come from: whether the set is whole, and whether it is another one than
//! what runs.
//!
//! Whoever installs writes `BULKHEAD_HOME/installed.json` last; it lists every file with its size and SHA-256. While files
//! and list do not agree, an installation is under way and nothing is started from it. Without a list nothing is checked.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Name of the list in `BULKHEAD_HOME`.
const LIST: &str = "installed.json";
/// Longest list that is read, bytes.
const LIST_BYTES_MAX: u64 = 1024 * 1024;
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A set that does not agree with its list and was not touched for this long is not being installed, but broken.
const UNTOUCHED: Duration = Duration::from_secs(10);
/// The same where the list is gone: a build takes it away first.
const UNTOUCHED_WITHOUT_LIST: Duration = Duration::from_secs(60);

/// Parts that are started anew one by one, by the hashes of their files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Parts {
    /// Hub, actors, and what they start.
    hub: String,
    /// The window with its page.
    window: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Facts {
    bytes: u64,
    sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct List {
    version: String,
    parts: Parts,
    files: BTreeMap<PathBuf, Facts>,
}

/// Value of `root.installed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct News {
    /// Of what is installed.
    version: String,
    /// Whether something of it does not run yet.
    #[serde(rename = "isNew")]
    is_new: bool,
    /// Differs with every installation.
    build: String,
}

/// How closely files are compared with their list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Sizes,
    Hashes,
}

/// The installation over this root's life.
#[derive(Debug)]
pub(crate) struct Installation {
    home: PathBuf,
    /// The last list whose set was whole.
    list: Option<List>,
    /// What the list's file looked like when the set was last found whole.
    seen: Option<Stamp>,
    /// Part of the hub that runs; empty before the first.
    hub: String,
    look_at: Instant,
}

type Stamp = (u64, i64, i64, u64);

impl Installation {
    /// What lies in `home` now.
    pub(crate) fn at(home: &Path) -> Self {
        let (home, look_at) = (home.to_path_buf(), Instant::now() + LOOK_EVERY);
        let mut made = Self { home, list: None, seen: None, hub: String::new(), look_at };
        // The first prompt does not wait for hashes: a set that changes later is read whole.
        made.take(Check::Sizes);
        made
    }

    /// When to look next.
    pub(crate) const fn deadline(&self) -> Instant {
        self.look_at
    }

    /// Looks when it is time. True when another set is whole by now.
    pub(crate) fn look(&mut self, now: Instant) -> bool {
        if now < self.look_at {
            return false;
        }
        self.look_at = now + LOOK_EVERY;
        self.look_now()
    }

    /// Looks before something is started. True as for [`Installation::look`].
    pub(crate) fn look_now(&mut self) -> bool {
        self.stamp() != self.seen && self.take(Check::Hashes)
    }

    /// Why nothing may be started from here at `now`: an installation is under way.
    pub(crate) fn under_way(&self, now: SystemTime) -> Option<String> {
        let list = self.read_list();
        let known = list.as_ref().or(self.list.as_ref())?;
        // A list that was not taken over has a file of the right size at most.
        let is_taken = self.stamp() == self.seen;
        let is_there = |path: &Path, facts: &Facts| {
            self.has_size(path, facts) && (is_taken || self.has_hash(path, facts))
        };
        let missing = match &list {
            Some(list) => list.files.iter().find(|(path, facts)| !is_there(path, facts))?.0,
            None => Path::new(LIST),
        };
        let limit = if list.is_some() { UNTOUCHED } else { UNTOUCHED_WITHOUT_LIST };
        // A clock that was set back shows no age, and nobody shall wait for it.
        let age = now.duration_since(self.touched(known)?).ok()?;
        let words = format!("waits for an installation to be complete: {}", missing.display());
        (age < limit).then_some(words)
    }

    /// Version of what a child is started from; none without a list.
    pub(crate) fn version(&self) -> Option<&str> {
        self.list.as_ref().map(|list| list.version.as_str())
    }

    /// The part a window would be started from; empty without a list.
    pub(crate) fn window_part(&self) -> &str {
        self.list.as_ref().map_or("", |list| &list.parts.window)
    }

    /// A hub is started from what lies here now.
    pub(crate) fn starts_hub(&mut self) {
        self.hub = self.list.as_ref().map_or_else(String::new, |list| list.parts.hub.clone());
    }

    /// Whether the hub that runs comes from another set.
    pub(crate) fn has_new_hub(&self) -> bool {
        self.list.as_ref().is_some_and(|list| !self.hub.is_empty() && list.parts.hub != self.hub)
    }

    /// What is told of it, when windows that run come from these parts; none without a list.
    pub(crate) fn news<'a>(&self, mut windows: impl Iterator<Item = &'a str>) -> Option<News> {
        let list = self.list.as_ref()?;
        let Parts { hub, window } = &list.parts;
        let is_new = self.has_new_hub() || windows.any(|part| !part.is_empty() && part != window);
        Some(News { version: list.version.clone(), is_new, build: format!("{hub} {window}") })
    }

    /// Takes over the list that lies there, when every file of it is in place. True when it is another one.
    fn take(&mut self, check: Check) -> bool {
        let stamp = self.stamp();
        let Some(list) = self.read_list() else { return false };
        let mut files = list.files.iter();
        if !files.all(|(path, facts)| self.has_size(path, facts)) {
            return false;
        }
        let mut files = list.files.iter();
        if check == Check::Hashes && !files.all(|(path, facts)| self.has_hash(path, facts)) {
            return false;
        }
        self.seen = stamp;
        let is_other = self.list.as_ref() != Some(&list);
        self.list = Some(list);
        is_other
    }

    fn read_list(&self) -> Option<List> {
        let path = self.home.join(LIST);
        let bytes = fs::metadata(&path).ok()?.len();
        let text = if bytes > LIST_BYTES_MAX { return None } else { fs::read(path).ok()? };
        serde_json::from_slice(&text).ok()
    }

    fn stamp(&self) -> Option<Stamp> {
        let found = fs::metadata(self.home.join(LIST)).ok()?;
        Some((found.ino(), found.mtime(), found.mtime_nsec(), found.len()))
    }

    fn has_size(&self, path: &Path, facts: &Facts) -> bool {
        fs::metadata(self.home.join(path)).is_ok_and(|found| found.len() == facts.bytes)
    }

    fn has_hash(&self, path: &Path, facts: &Facts) -> bool {
        let read = fs::read(self.home.join(path));
        read.is_ok_and(|bytes| hex_of(&bytes) == facts.sha256)
    }

    /// When anything of the set was last changed.
    fn touched(&self, list: &List) -> Option<SystemTime> {
        let files = list.files.keys().map(PathBuf::as_path);
        let all =
            files.chain([Path::new(""), Path::new("bin"), Path::new("node"), Path::new(LIST)]);
        let changed = all.filter_map(|path| {
            let found = fs::metadata(self.home.join(path)).ok()?;
            let seconds = Duration::from_secs(u64::try_from(found.ctime()).ok()?);
            Some(SystemTime::UNIX_EPOCH + seconds)
        });
        changed.max()
    }
}

fn hex_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    struct Home(PathBuf);

    impl Drop for Home {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    fn home(name: &str) -> Home {
        let folder = std::env::temp_dir().join(format!("bh-inst-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(folder.join("node")).unwrap();
        Home(folder)
    }

    fn write(home: &Home, text: &str) {
        fs::write(home.0.join("node/hub.mjs"), text).unwrap();
    }

    fn list(home: &Home, version: &str, text: &str) {
        let sha256 = hex_of(text.as_bytes());
        let parts = json!({ "hub": sha256, "window": "w" });
        let files = json!({ "node/hub.mjs": { "bytes": text.len(), "sha256": sha256 } });
        let list = json!({ "version": version, "parts": parts, "files": files });
        fs::write(home.0.join(LIST), list.to_string()).unwrap();
    }

    fn now() -> SystemTime {
        SystemTime::now()
    }

    fn after(installation: &mut Installation) -> bool {
        installation.look(installation.deadline())
    }

    #[test]
    fn a_new_set_is_told_when_it_is_whole_and_not_before() {
        let home = home("whole");
        write(&home, "old");
        list(&home, "0.3.0", "old");
        let mut found = Installation::at(&home.0);
        found.starts_hub();
        assert!(!after(&mut found));
        assert!(!found.news(std::iter::empty()).unwrap().is_new);
        list(&home, "0.4.0", "new!");
        assert!(!after(&mut found) && found.under_way(now()).unwrap().contains("node/hub.mjs"));
        write(&home, "ne");
        assert!(!after(&mut found) && found.under_way(now()).is_some());
        // The right size is not the right file.
        write(&home, "new?");
        assert!(!after(&mut found) && found.under_way(now()).is_some());
        write(&home, "new!");
        assert!(after(&mut found));
        let news = found.news(std::iter::empty()).unwrap();
        assert_eq!((news.version.as_str(), news.is_new), ("0.4.0", true));
        found.starts_hub();
        assert!(!found.news(["w"].into_iter()).unwrap().is_new);
        assert!(found.news(["older"].into_iter()).unwrap().is_new);
    }

    #[test]
    fn without_a_list_nothing_is_waited_for_until_one_was_there() {
        let home = home("none");
        write(&home, "old");
        let mut found = Installation::at(&home.0);
        assert_eq!((found.under_way(now()), found.news(std::iter::empty())), (None, None));
        list(&home, "0.4.0", "old");
        assert!(after(&mut found) && found.under_way(now()).is_none());
        fs::remove_file(home.0.join(LIST)).unwrap();
        assert!(found.under_way(now()).unwrap().ends_with(LIST));
    }

    #[test]
    fn a_broken_set_that_nobody_touches_is_not_waited_for() {
        let home = home("broken");
        write(&home, "other");
        list(&home, "0.4.0", "old");
        let found = Installation::at(&home.0);
        assert!(found.under_way(now()).is_some());
        assert_eq!(found.under_way(now() + UNTOUCHED), None);
        // A clock that was set back shows no age.
        assert_eq!(found.under_way(now() - Duration::from_secs(3_600)), None);
    }
}

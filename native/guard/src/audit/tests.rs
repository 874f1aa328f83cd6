//! The log on a disk: chained over files, kills and a bound.

use super::Audit;
use super::record::{Act, Decision, What, read};
use super::segments::{SEGMENTS_MAX, segments};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

static COUNT: AtomicUsize = AtomicUsize::new(0);

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("bulkhead-audit-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn open(&self, segment_bytes: u64) -> Audit {
        Audit::open(self.0.as_os_str().as_bytes(), segment_bytes)
    }

    fn last_file(&self) -> PathBuf {
        segments(&self.0).expect("a folder").pop().expect("a file").path
    }

    /// All lines; `None` for one that is no record.
    fn lines(&self) -> Vec<Option<super::record::Record>> {
        let mut all = Vec::new();
        for segment in segments(&self.0).expect("a folder") {
            let bytes = std::fs::read(segment.path).expect("a file");
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            all.extend(lines.map(read));
        }
        all
    }

    /// Panics unless numbers and hashes follow each other.
    fn assert_chained(&self) {
        let records: Vec<_> = self.lines().into_iter().flatten().collect();
        for pair in records.windows(2) {
            assert_eq!(pair[1].n, pair[0].n + 1);
            assert_eq!(pair[1].prev, pair[0].hash, "record {}", pair[1].n);
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn intent(path: &str) -> What {
    let (actor, principal, op) = ("model".into(), "agent".into(), "read".into());
    What::Intent(Act { actor, principal, op, path: path.into(), to: None, command: None })
}

fn outcome(of: u64) -> What {
    let What::Intent(act) = intent("/a") else { unreachable!() };
    let (decision, rule, says) = (Decision::Allowed, String::new(), String::new());
    What::Outcome { of, act, decision, rule, says }
}

const LARGE: u64 = 1 << 20;

#[test]
fn a_log_goes_on_where_the_last_guard_ended() {
    let folder = Folder::new();
    let first = folder.open(LARGE);
    assert_eq!(first.append(&intent("/a")), Ok(1));
    assert_eq!(first.append(&outcome(1)), Ok(2));
    let head = first.sync();
    drop(first);
    let second = folder.open(LARGE);
    assert_eq!(second.head(), head);
    assert_eq!(second.append(&intent("/b")), Ok(3));
    folder.assert_chained();
}

#[test]
fn two_guards_write_one_chain() {
    let folder = Folder::new();
    let (one, two) = (folder.open(LARGE), folder.open(LARGE));
    for number in 0..20 {
        let log = if number % 3 == 0 { &one } else { &two };
        assert_eq!(log.append(&intent("/a")), Ok(number + 1));
    }
    folder.assert_chained();
}

#[test]
fn what_a_killed_guard_had_begun_is_closed_as_unknown_by_the_next_alone() {
    let folder = Folder::new();
    let first = folder.open(LARGE);
    first.append(&intent("/done")).expect("a record");
    first.append(&outcome(1)).expect("a record");
    first.append(&intent("/begun")).expect("a record");
    let mut command = intent("/cwd");
    if let What::Intent(act) = &mut command {
        act.op = "command".into();
    }
    first.append(&command).expect("a record");
    let beside = folder.open(LARGE);
    assert_eq!(beside.head().0.count, 4, "a guard that lives closes its own");
    drop((first, beside));
    let next = folder.open(LARGE);
    assert_eq!(next.head().0.count, 5);
    let last = folder.lines().pop().flatten().expect("a record");
    assert!(
        matches!(&last.what, What::Outcome { of: 3, act, decision: Decision::Unknown, .. } if act.path == "/begun"),
        "{last:?}"
    );
    drop(next);
    assert_eq!(folder.open(LARGE).head().0.count, 5, "once is enough");
}

#[test]
fn a_line_cut_by_a_kill_stays_and_is_explained() {
    let folder = Folder::new();
    let first = folder.open(LARGE);
    for _ in 0..3 {
        first.append(&outcome(0)).expect("a record");
    }
    drop(first);
    let file = folder.last_file();
    let bytes = std::fs::read(&file).expect("a file");
    std::fs::write(&file, &bytes[..bytes.len() - 20]).expect("a file");
    let next = folder.open(LARGE);
    assert_eq!(next.head().0.count, 2, "what was cut is no record");
    assert_eq!(next.append(&outcome(0)), Ok(4));
    let lines = folder.lines();
    assert_eq!(lines.iter().filter(|line| line.is_none()).count(), 1);
    assert!(matches!(&lines[3], Some(record) if matches!(record.what, What::Torn { .. })));
    folder.assert_chained();
}

#[test]
fn files_are_bounded_in_size_and_number_and_the_chain_goes_over_them() {
    let folder = Folder::new();
    let log = folder.open(2000);
    for _ in 0..400 {
        log.append(&outcome(0)).expect("a record");
    }
    let all = segments(&folder.0).expect("a folder");
    assert_eq!(all.len(), SEGMENTS_MAX);
    for segment in &all {
        let size = std::fs::metadata(&segment.path).expect("a file").len();
        assert!(size < 4000, "{size}");
    }
    folder.assert_chained();
    let records: Vec<_> = folder.lines().into_iter().flatten().collect();
    let first = &records[0];
    assert!(first.n > 1);
    let says = records.iter().any(
        |record| matches!(&record.what, What::Dropped { last, cut } if *last == first.n - 1 && *cut == first.prev),
    );
    assert!(says, "some record explains the missing beginning");
}

#[test]
fn a_folder_that_cannot_be_used_is_a_problem_until_it_can() {
    let folder = Folder::new();
    std::fs::write(&folder.0, "a file in its place").expect("a file");
    let log = folder.open(LARGE);
    assert!(log.append(&intent("/a")).is_err());
    log.append_or_miss(&outcome(0));
    assert_ne!(log.head().1, "");
    std::fs::remove_file(&folder.0).expect("no file");
    assert_eq!(log.append(&intent("/a")), Ok(2), "the first record says what was missed");
    assert_eq!(log.head().1, "");
    assert!(matches!(
        folder.lines()[0].as_ref().map(|record| &record.what),
        Some(What::Missed { count: 1, .. })
    ));
}

#[test]
fn a_log_that_was_cut_or_replaced_is_not_gone_on_with() {
    for how in ["cut", "removed", "replaced"] {
        let folder = Folder::new();
        let audit = folder.open(LARGE);
        for _ in 0..3 {
            audit.append(&intent("/a")).expect("a record");
        }
        let file = folder.last_file();
        let text = std::fs::read_to_string(&file).expect("a file");
        let first: usize = text.find('\n').expect("a line") + 1;
        match how {
            "cut" => std::fs::write(&file, &text[..first]).expect("written"),
            "removed" => std::fs::remove_file(&file).expect("removed"),
            _ => {
                let other = Folder::new();
                let longer = other.open(LARGE);
                for _ in 0..5 {
                    longer.append(&intent("/b")).expect("a record");
                }
                let copy = folder.0.join("copy");
                std::fs::copy(other.last_file(), &copy).expect("copied");
                std::fs::rename(copy, &file).expect("renamed");
            }
        }
        for _ in 0..2 {
            let error = audit.append(&intent("/a")).expect_err(how);
            assert!(error.contains("record 3 is gone"), "{how}: {error}");
        }
        assert!(audit.head().1.contains("record 3 is gone"), "{how}");
    }
}

#[test]
fn what_another_guard_has_written_since_is_gone_on_with() {
    let folder = Folder::new();
    let (one, other) = (folder.open(LARGE), folder.open(LARGE));
    for round in 0..3 {
        assert_eq!(one.append(&intent("/a")), Ok(2 * round + 1));
        assert_eq!(other.append(&intent("/b")), Ok(2 * round + 2));
    }
    folder.assert_chained();
}

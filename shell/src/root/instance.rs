//! Where an instance lives: its folders, made and checked. One instance is one workspace.
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use bulkhead_wire::SOCKET_PATH_BYTES_MAX;
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;

/// Longest name of a socket in the runtime dir.
const LONGEST_SOCKET: &str = "keeper-1.sock";
/// Bytes of the hash in an id, twice as many hex digits.
const ID_BYTES: usize = 8;
/// Permission bits of others and the group.
const FOREIGN_BITS: u32 = 0o077;
/// Bits of a mode that let others write.
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// The bit that lets everybody write.
const WRITABLE_BY_ALL: u32 = 0o002;
/// In a folder with this bit nobody can move what is another's.
const STICKY: u32 = 0o1000;

/// Variables that decide where folders lie; tests pass their own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    pub(crate) runtime_home: Option<OsString>,
    pub(crate) state_home: Option<OsString>,
    pub(crate) config_home: Option<OsString>,
    pub(crate) home: Option<OsString>,
    pub(crate) uid: u32,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            runtime_home: set("XDG_RUNTIME_DIR"),
            state_home: set("XDG_STATE_HOME"),
            config_home: set("XDG_CONFIG_HOME"),
            home: set("HOME"),
            uid: rustix::process::geteuid().as_raw(),
        }
    }

    fn under_home(&self, given: Option<&OsString>, below: &str) -> PathBuf {
        let home = || Path::new(self.home.as_deref().unwrap_or("/".as_ref())).join(below);
        given.map_or_else(home, PathBuf::from)
    }
}

/// The folders of an instance. All absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instance {
    /// Real path of the workspace.
    pub(crate) workspace: PathBuf,
    pub(crate) runtime_dir: PathBuf,
    pub(crate) state_dir: PathBuf,
    pub(crate) config_dir: PathBuf,
}

impl Instance {
    /// The instance of a workspace. Nothing is made yet.
    ///
    /// # Errors
    /// The workspace is gone or no folder, or a socket's path would be over 107 bytes.
    pub(crate) fn of(
        workspace: &Path,
        runtime_dir: Option<&Path>,
        around: &Surroundings,
    ) -> Result<Self, Failure> {
        let real = fs::canonicalize(workspace)
            .map_err(|error| Failure::new(format!("{}: {error}", workspace.display())))?;
        if !real.is_dir() {
            return Err(Failure::new(format!("{} is no folder", real.display())));
        }
        let id = id_of(&real);
        let runtime_dir = match (runtime_dir, &around.runtime_home) {
            (Some(given), _) => std::path::absolute(given)
                .map_err(|error| Failure::new(format!("{}: {error}", given.display())))?,
            (None, Some(home)) => Path::new(home).join("bulkhead").join(&id),
            (None, None) => PathBuf::from(format!("/tmp/bulkhead-{}", around.uid)).join(&id),
        };
        check_length(&runtime_dir)?;
        let state_home = around.under_home(around.state_home.as_ref(), ".local/state");
        let config_home = around.under_home(around.config_home.as_ref(), ".config");
        Ok(Self {
            workspace: real,
            runtime_dir,
            state_dir: state_home.join("bulkhead").join(&id),
            config_dir: config_home.join("bulkhead"),
        })
    }

    /// Makes the folders that are missing and checks those that are there.
    ///
    /// # Errors
    /// One is not ours, is open to others, is a link, or cannot be made.
    pub(crate) fn make_folders(&self, uid: u32) -> Result<(), Failure> {
        for folder in [&self.runtime_dir, &self.state_dir] {
            make_private(folder, uid)?;
        }
        check_above(&self.runtime_dir, uid)?;
        make_config(&self.config_dir, uid)?;
        make_private(&self.state_dir.join("crashes"), uid)
    }
}

/// First 16 hex digits of the SHA-256 of a path.
pub(crate) fn id_of(real: &Path) -> String {
    let hash = Sha256::digest(real.as_os_str().as_bytes());
    hash.iter().take(ID_BYTES).fold(String::new(), |mut id, byte| {
        // Writing to a String cannot fail.
        let _ = write!(id, "{byte:02x}");
        id
    })
}

fn check_length(runtime_dir: &Path) -> Result<(), Failure> {
    let longest = runtime_dir.join(LONGEST_SOCKET);
    let bytes = longest.as_os_str().as_bytes().len();
    if bytes <= SOCKET_PATH_BYTES_MAX {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the runtime folder's path is too long for a socket: {} has {bytes} bytes, at most \
         {SOCKET_PATH_BYTES_MAX} are possible. Choose a shorter one with --runtime-dir.",
        longest.display()
    )))
}

fn make_private(folder: &Path, uid: u32) -> Result<(), Failure> {
    let refuse = |what: String| Err(Failure::new(format!("{} {what}", folder.display())));
    match DirBuilder::new().recursive(true).mode(0o700).create(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return refuse("is no folder".to_owned());
        }
        Err(error) => return refuse(format!("cannot be made: {error}")),
    }
    let found = match fs::symlink_metadata(folder) {
        Ok(found) => found,
        Err(error) => return refuse(format!("cannot be looked at: {error}")),
    };
    let mode = found.mode() & 0o7777;
    if !found.is_dir() {
        return refuse("is a link; Bulkhead needs a folder of its own".to_owned());
    }
    if found.uid() != uid {
        return refuse(format!("belongs to uid {}, not to you (uid {uid})", found.uid()));
    }
    if mode & FOREIGN_BITS != 0 {
        let path = folder.display();
        return refuse(format!("is open to others (mode {mode:o}). Fix: chmod 700 {path}"));
    }
    Ok(())
}

/// Whoever may write to the folder above can move ours away and put theirs in its place, and then clients would show
/// them the token.
fn check_above(folder: &Path, uid: u32) -> Result<(), Failure> {
    let Some(above) = folder.parent() else { return Ok(()) };
    let refuse = |what: String| Err(Failure::new(format!("{} {what}", above.display())));
    let found = match fs::metadata(above) {
        Ok(found) => found,
        Err(error) => return refuse(format!("cannot be looked at: {error}")),
    };
    let mode = found.mode() & 0o7777;
    // In a sticky folder such as /tmp nobody can move what is another's.
    if mode & STICKY != 0 || above == Path::new("/") {
        return Ok(());
    }
    if ![uid, 0].contains(&found.uid()) {
        return refuse(format!("belongs to uid {}, not to you (uid {uid})", found.uid()));
    }
    if mode & WRITABLE_BY_ALL != 0 {
        let path = above.display();
        return refuse(format!("can be written by others (mode {mode:o}). Fix: chmod o-w {path}"));
    }
    Ok(())
}

/// The person's own files: a link into a dotfiles checkout and mode 0755 are usual and harmless. What matters is
/// that nobody else can write there.
fn make_config(folder: &Path, uid: u32) -> Result<(), Failure> {
    if !folder.exists() {
        return make_private(folder, uid);
    }
    let refuse = |what: String| Err(Failure::new(format!("{} {what}", folder.display())));
    let found = match fs::metadata(folder) {
        Ok(found) => found,
        Err(error) => return refuse(format!("cannot be looked at: {error}")),
    };
    let mode = found.mode() & 0o7777;
    if !found.is_dir() {
        return refuse("is no folder".to_owned());
    }
    if found.uid() != uid {
        return refuse(format!("belongs to uid {}, not to you (uid {uid})", found.uid()));
    }
    if mode & WRITABLE_BY_OTHERS != 0 {
        let path = folder.display();
        return refuse(format!("can be written by others (mode {mode:o}). Fix: chmod go-w {path}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Instance, Surroundings, check_above, id_of, make_config, make_private};
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("bh-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn uid() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    #[test]
    fn the_id_is_the_start_of_the_sha256_of_the_path() {
        // printf /tmp | sha256sum
        assert_eq!(id_of(Path::new("/tmp")), "e9671acd244849c5");
    }

    #[test]
    fn folders_follow_the_environment() {
        let around = Surroundings {
            runtime_home: Some("/run/user/7".into()),
            home: Some("/home/a".into()),
            uid: 7,
            ..Surroundings::default()
        };
        let made = Instance::of(Path::new("/tmp"), None, &around).unwrap();
        assert_eq!(made.runtime_dir, Path::new("/run/user/7/bulkhead/e9671acd244849c5"));
        assert_eq!(made.state_dir, Path::new("/home/a/.local/state/bulkhead/e9671acd244849c5"));
        assert_eq!(made.config_dir, Path::new("/home/a/.config/bulkhead"));
        let around = Surroundings { runtime_home: None, ..around };
        let made = Instance::of(Path::new("/tmp"), None, &around).unwrap();
        assert_eq!(made.runtime_dir, Path::new("/tmp/bulkhead-7/e9671acd244849c5"));
        let made = Instance::of(Path::new("/tmp"), Some(Path::new("/r")), &around).unwrap();
        assert_eq!(made.runtime_dir, Path::new("/r"));
    }

    #[test]
    fn a_socket_path_of_107_bytes_passes_and_one_more_is_refused_with_its_length() {
        let around = Surroundings::default();
        let fits = format!("/{}", "r".repeat(107 - 1 - 14));
        assert!(Instance::of(Path::new("/tmp"), Some(Path::new(&fits)), &around).is_ok());
        let long = format!("{fits}r");
        let failure = Instance::of(Path::new("/tmp"), Some(Path::new(&long)), &around).unwrap_err();
        assert!(failure.message.contains("108 bytes"), "{failure}");
    }

    #[test]
    fn a_workspace_that_is_gone_is_named() {
        let failure =
            Instance::of(Path::new("/nowhere/x"), None, &Surroundings::default()).unwrap_err();
        assert!(failure.message.starts_with("/nowhere/x:"), "{failure}");
        assert!(Instance::of(Path::new("/etc/passwd"), None, &Surroundings::default()).is_err());
    }

    #[test]
    fn folders_are_made_private_and_open_or_foreign_ones_are_refused() {
        let base = scratch("folders");
        let fresh = base.join("a/b");
        make_private(&fresh, uid()).unwrap();
        assert_eq!(fs::metadata(&fresh).unwrap().permissions().mode() & 0o777, 0o700);
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(make_private(&fresh, uid()).unwrap_err().message.contains("chmod 700"));
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(make_private(&fresh, uid() + 1).unwrap_err().message.contains("belongs to uid"));
        std::os::unix::fs::symlink(&fresh, base.join("link")).unwrap();
        assert!(make_private(&base.join("link"), uid()).unwrap_err().message.contains("a link"));
        fs::write(base.join("file"), "").unwrap();
        assert!(make_private(&base.join("file"), uid()).unwrap_err().message.contains("no folder"));
        fs::remove_dir_all(&base).unwrap();
    }

    #[test]
    fn a_folder_that_others_can_move_away_is_refused() {
        let base = scratch("above");
        let shared = base.join("shared");
        fs::create_dir(&shared).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
        let refused = check_above(&shared.join("r"), uid()).unwrap_err();
        assert!(refused.message.contains("can be written by others (mode 777)"), "{refused}");
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
        check_above(&shared.join("r"), uid()).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o755)).unwrap();
        check_above(&shared.join("r"), uid()).unwrap();
        if uid() == 0 {
            std::os::unix::fs::chown(&shared, Some(65_534), None).unwrap();
            let refused = check_above(&shared.join("r"), 0).unwrap_err();
            assert!(refused.message.contains("belongs to uid 65534"), "{refused}");
        }
        fs::remove_dir_all(&base).unwrap();
    }

    #[test]
    fn a_config_folder_may_be_read_by_others_but_not_written() {
        let base = scratch("config");
        let fresh = base.join("bulkhead");
        make_config(&fresh, uid()).unwrap();
        assert_eq!(fs::metadata(&fresh).unwrap().permissions().mode() & 0o777, 0o700);
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755)).unwrap();
        make_config(&fresh, uid()).unwrap();
        std::os::unix::fs::symlink(&fresh, base.join("link")).unwrap();
        make_config(&base.join("link"), uid()).unwrap();
        assert!(make_config(&fresh, uid() + 1).unwrap_err().message.contains("belongs to uid"));
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o775)).unwrap();
        assert!(make_config(&fresh, uid()).unwrap_err().message.contains("chmod go-w"));
        fs::remove_dir_all(&base).unwrap();
    }
}

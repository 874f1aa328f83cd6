//! The runtime dir, kept in place as long as the root lives: whoever cleans it away takes the lock, the secrets and the
//! hub's socket with it, and a second root could start beside this one.
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::instance::Instance;
use crate::lock::{self, Lock};
use crate::secret;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// What must come back as it was; the one-time token of a browser is made by the hub when it is asked for.
const SECRETS: [&str; 2] = ["token", "session.key"];

/// What a look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    InPlace,
    /// Lock and secrets were made again; the hub listens where nobody finds it.
    MadeAgain,
}

/// The lock and the secrets of this root.
#[derive(Debug)]
pub(crate) struct Folder {
    lock: Lock,
    secrets: Vec<(&'static str, Vec<u8>)>,
    look_at: Instant,
}

impl Folder {
    /// Remembers what was written for this root.
    ///
    /// # Errors
    /// A secret that is there cannot be read.
    pub(crate) fn keep(runtime_dir: &Path, lock: Lock) -> io::Result<Self> {
        let mut secrets = Vec::new();
        for name in SECRETS {
            match fs::read(runtime_dir.join(name)) {
                Ok(bytes) => secrets.push((name, bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { lock, secrets, look_at: Instant::now() + LOOK_EVERY })
    }

    /// When to look next.
    pub(crate) const fn deadline(&self) -> Instant {
        self.look_at
    }

    /// Whether the lock in the folder is the one held here.
    pub(crate) fn is_ours(&self, runtime_dir: &Path) -> bool {
        self.lock.is_in_place(runtime_dir)
    }

    /// Looks when it is time and makes again what is gone.
    ///
    /// # Errors
    /// Another root has the folder now, or it cannot be made.
    pub(crate) fn look(&mut self, instance: &Instance, now: Instant) -> Result<Look, Failure> {
        if now < self.look_at {
            return Ok(Look::InPlace);
        }
        self.look_at = now + LOOK_EVERY;
        let folder = &instance.runtime_dir;
        let locked = self.is_ours(folder);
        if locked && self.secrets.iter().all(|(name, _)| folder.join(name).exists()) {
            return Ok(Look::InPlace);
        }
        instance.make_folders(rustix::process::geteuid().as_raw())?;
        if !locked {
            let taken = || Failure::new(format!("another root has taken {}", folder.display()));
            self.lock = lock::take(folder)?.ok_or_else(taken)?;
        }
        for (name, bytes) in &self.secrets {
            let path = folder.join(name);
            secret::replace(&path, bytes)
                .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
        }
        Ok(Look::MadeAgain)
    }
}

#[cfg(test)]
mod tests {
    use super::{Folder, LOOK_EVERY, Look};
    use crate::instance::{Instance, Surroundings};
    use crate::lock;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::time::Instant;

    fn instance(name: &str) -> (PathBuf, Instance) {
        let base = std::env::temp_dir().join(format!("bh-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&base));
        let around = Surroundings {
            state_home: Some(base.join("state").into()),
            config_home: Some(base.join("config").into()),
            ..Surroundings::default()
        };
        let made = Instance::of(Path::new("/tmp"), Some(&base.join("run")), &around).unwrap();
        made.make_folders(rustix::process::geteuid().as_raw()).unwrap();
        (base, made)
    }

    #[test]
    fn a_removed_folder_comes_back_with_the_lock_and_the_same_token() {
        let (base, instance) = instance("cleaned");
        let folder = &instance.runtime_dir;
        let lock = lock::take(folder).unwrap().unwrap();
        fs::write(folder.join("token"), [7; 32]).unwrap();
        let mut kept = Folder::keep(folder, lock).unwrap();
        let later = |looks: u32| Instant::now() + LOOK_EVERY * looks * 2;
        assert_eq!(kept.look(&instance, later(1)).unwrap(), Look::InPlace);
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(kept.look(&instance, later(1)).unwrap(), Look::InPlace, "not yet");
        assert_eq!(kept.look(&instance, later(2)).unwrap(), Look::MadeAgain);
        assert_eq!(fs::read(folder.join("token")).unwrap(), [7; 32]);
        assert!(lock::is_held(folder));
        fs::remove_file(folder.join("token")).unwrap();
        assert_eq!(kept.look(&instance, later(3)).unwrap(), Look::MadeAgain);
        fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn a_folder_that_another_root_has_taken_is_left_to_it() {
        let (base, instance) = instance("taken");
        let folder = &instance.runtime_dir;
        let mut kept = Folder::keep(folder, lock::take(folder).unwrap().unwrap()).unwrap();
        fs::remove_file(folder.join("lock")).unwrap();
        let other = lock::take(folder).unwrap().unwrap();
        let failure = kept.look(&instance, Instant::now() + LOOK_EVERY * 2).unwrap_err();
        assert!(failure.message.contains("another root has taken"), "{failure}");
        assert!(!kept.is_ours(folder));
        assert!(other.is_in_place(folder));
        fs::remove_dir_all(base).unwrap();
    }
}

//! Size and place of the window, remembered in `window.json` of the state dir.
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Least size, in logical pixels.
pub(crate) const LEAST: (i32, i32) = (720, 480);
/// Size of the first window.
const FIRST: (i32, i32) = (1280, 800);
/// Beyond this a remembered number is taken for damage.
const MOST: i32 = 32_767;
const FILE: &str = "window.json";

/// A remembered window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) width: i32,
    pub(crate) height: i32,
    /// Not known on Wayland, which does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<(i32, i32)>,
    #[serde(default)]
    pub(crate) maximized: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self { width: FIRST.0, height: FIRST.1, at: None, maximized: false }
    }
}

impl Place {
    /// Bounds every number; a place outside of any screen is forgotten.
    fn bounded(self) -> Self {
        let near = |number: i32| (-MOST..=MOST).contains(&number);
        Self {
            width: self.width.clamp(LEAST.0, MOST),
            height: self.height.clamp(LEAST.1, MOST),
            at: self.at.filter(|(x, y)| near(*x) && near(*y)),
            maximized: self.maximized,
        }
    }
}

/// The remembered place, or the first one when there is none or it cannot be read.
pub(crate) fn read(state_dir: &Path) -> Place {
    fs::read(state_dir.join(FILE))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Place>(&bytes).ok())
        .unwrap_or_default()
        .bounded()
}

/// Remembers, by writing beside and renaming.
///
/// # Errors
/// When the state dir cannot be written.
pub(crate) fn write(state_dir: &Path, place: Place) -> std::io::Result<()> {
    let beside = state_dir.join("window.json.new");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(serde_json::to_string(&place)?.as_bytes())?;
    fs::rename(beside, state_dir.join(FILE))
}

#[cfg(test)]
mod tests {
    use super::{LEAST, Place, read, write};

    #[test]
    fn a_place_is_remembered_and_damage_is_not() {
        let folder = std::env::temp_dir().join(format!("bulkhead-place-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(read(&folder), Place::default());
        let place = Place { width: 900, height: 700, at: Some((5, 6)), maximized: true };
        write(&folder, place).unwrap();
        assert_eq!(read(&folder), place);
        std::fs::write(folder.join("window.json"), "{\"width\":1,\"height\":99999999}").unwrap();
        assert_eq!((read(&folder).width, read(&folder).height), (LEAST.0, 32_767));
        std::fs::write(folder.join("window.json"), "no").unwrap();
        assert_eq!(read(&folder), Place::default());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

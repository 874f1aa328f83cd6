//! The environment of whoever asked for a window, who may come from another session than the root did.
use std::collections::BTreeMap;
use std::ffi::OsString;

/// An environment as it came over the bus.
pub(crate) type Asked = BTreeMap<String, String>;

/// Variables without which a window does not open.
const DISPLAY: [&str; 2] = ["DISPLAY", "WAYLAND_DISPLAY"];
/// What belongs to the display and must come from the same session.
const SESSION: [&str; 5] =
    ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];
/// Ours are the root's, whoever asks.
const OURS: &str = "BULKHEAD_";

/// As many as the keeper takes for a shell.
const VARIABLES_MAX: usize = 4_096;
const BYTES_MAX: usize = 1024 * 1024;

/// Whether an environment is within its bounds.
///
/// # Errors
/// The value that is over its bound, in words.
pub(crate) fn check(asked: &Asked) -> Result<(), String> {
    let bytes: usize = asked.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    if asked.len() > VARIABLES_MAX || bytes > BYTES_MAX {
        let count = asked.len();
        return Err(format!(
            "env has {count} variables and {bytes} bytes, at most {VARIABLES_MAX} and {BYTES_MAX}"
        ));
    }
    Ok(())
}

/// The whole environment of a window: that of the asker, with our variables of the root. One who has no display gets
/// the root's. Without an asker it is the root's `own`.
pub(crate) fn environment(
    asked: &Asked,
    own: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    let set = |name: &str| asked.get(name).is_some_and(|value| !value.is_empty());
    let borrows = !DISPLAY.into_iter().any(set);
    let keeps = |name: &OsString| {
        let text = name.to_string_lossy();
        asked.is_empty() || text.starts_with(OURS) || (borrows && SESSION.contains(&&*text))
    };
    let valid = |name: &str, value: &str| {
        !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0')
    };
    let theirs = asked.iter().filter(|(name, value)| {
        valid(name, value)
            && !name.starts_with(OURS)
            && !(borrows && SESSION.contains(&name.as_str()))
    });
    let theirs = theirs.map(|(name, value)| (name.into(), value.into()));
    own.filter(|(name, _)| keeps(name)).chain(theirs).collect()
}

#[cfg(test)]
mod tests {
    use super::{check as check_bounds, environment};
    use std::collections::BTreeMap;

    fn check(asked: &[(&str, &str)]) -> Vec<String> {
        let own = [
            ("DISPLAY", ":0"),
            ("SSH_AUTH_SOCK", "/first"),
            ("BULKHEAD_DRILL", "1"),
            ("ONLY_ROOT", "x"),
        ];
        let own = own.map(|(name, value)| (name.into(), value.into())).into_iter();
        let asked: BTreeMap<String, String> =
            asked.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let mut all: Vec<String> = environment(&asked, own)
            .into_iter()
            .map(|(name, value)| format!("{}={}", name.to_string_lossy(), value.to_string_lossy()))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn an_asker_brings_its_whole_environment_but_nothing_of_ours() {
        let asked = [("DISPLAY", ":7"), ("SSH_AUTH_SOCK", "/second"), ("BULKHEAD_DRILL", "0")];
        assert_eq!(check(&asked), ["BULKHEAD_DRILL=1", "DISPLAY=:7", "SSH_AUTH_SOCK=/second"]);
    }

    #[test]
    fn one_without_a_display_gets_that_of_the_root() {
        let asked = [("SSH_AUTH_SOCK", "/second"), ("DISPLAY", ""), ("", "x"), ("A=B", "x")];
        assert_eq!(check(&asked), ["BULKHEAD_DRILL=1", "DISPLAY=:0", "SSH_AUTH_SOCK=/second"]);
    }

    #[test]
    fn too_much_is_refused_with_the_bound() {
        let large = BTreeMap::from([("A".to_owned(), "x".repeat(1024 * 1024))]);
        assert!(check_bounds(&large).unwrap_err().contains("1048579 bytes, at most"));
        assert!(check_bounds(&BTreeMap::new()).is_ok());
    }

    #[test]
    fn without_an_asker_it_is_the_environment_of_the_root() {
        assert_eq!(check(&[]).len(), 4);
    }
}

//! The folders that patterns and built-in rules speak of.

/// Absolute folders, each in every spelling that is known (as set, and resolved).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// What `~/` stands for.
    pub homes: Vec<Vec<u8>>,
    /// What `~/.config/` stands for beside that: `$XDG_CONFIG_HOME`.
    pub config_homes: Vec<Vec<u8>>,
    /// What `~/.local/share/` stands for beside that: `$XDG_DATA_HOME`.
    pub data_homes: Vec<Vec<u8>>,
    /// What `./` stands for.
    pub workspaces: Vec<Vec<u8>>,
    /// Bulkhead's own settings; programs may not change them, nor read `mcp.json`.
    pub own_config: Vec<Vec<u8>>,
    /// Bulkhead's own state, sockets and tokens; closed to all.
    pub own_state: Vec<Vec<u8>>,
}

impl Places {
    /// The places of a process of an instance, from its environment. Add resolved spellings with
    /// [`Places::resolve`].
    ///
    /// `lookup` gives a variable's bytes: HOME, `XDG_CONFIG_HOME`, `XDG_DATA_HOME`, `XDG_STATE_HOME`
    /// and the `BULKHEAD_*` folders of the hub's environment.
    #[must_use]
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<Vec<u8>>) -> Self {
        let folder = |name: &str| lookup(name).filter(|path| path.first() == Some(&b'/'));
        let home = folder("HOME");
        let below = |tail: &str| home.as_ref().map(|home| join(home, tail.as_bytes()));
        // A confined process is given Bulkhead's folders, not the XDG variables they were made from.
        let above = |name: &str| {
            folder(name).and_then(|path| path.strip_suffix(b"/bulkhead").map(<[u8]>::to_vec))
        };
        let config = folder("XDG_CONFIG_HOME")
            .or_else(|| above("BULKHEAD_CONFIG_DIR"))
            .or_else(|| below(".config"));
        let state = folder("XDG_STATE_HOME").or_else(|| below(".local/state"));
        let list = |paths: [Option<Vec<u8>>; 3]| -> Vec<Vec<u8>> {
            let mut list = Vec::new();
            for path in paths.into_iter().flatten() {
                add(&mut list, path);
            }
            list
        };
        let own = |base: &Option<Vec<u8>>| base.as_ref().map(|base| join(base, b"bulkhead"));
        Self {
            own_config: list([folder("BULKHEAD_CONFIG_DIR"), own(&config), None]),
            own_state: list([
                folder("BULKHEAD_STATE_DIR").map(all_instances),
                folder("BULKHEAD_RUNTIME_DIR").map(all_instances),
                own(&state),
            ]),
            config_homes: list([config, None, None]),
            data_homes: list([folder("XDG_DATA_HOME"), None, None]),
            workspaces: list([folder("BULKHEAD_WORKSPACE"), None, None]),
            homes: list([home, None, None]),
        }
    }

    /// Adds what `real` makes of each folder, so that rules hold for both spellings. `real` returns
    /// `None` for a folder that is not there.
    pub fn resolve(&mut self, real: impl Fn(&[u8]) -> Option<Vec<u8>>) {
        for list in [
            &mut self.homes,
            &mut self.config_homes,
            &mut self.data_homes,
            &mut self.workspaces,
            &mut self.own_config,
            &mut self.own_state,
        ] {
            for path in list.clone() {
                if let Some(path) = real(&path) {
                    add(list, path);
                }
            }
        }
    }
}

/// The folder of all instances when `path` is one of them.
fn all_instances(path: Vec<u8>) -> Vec<u8> {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) if path[..slash].ends_with(b"/bulkhead") => path[..slash].to_vec(),
        _ => path,
    }
}

fn join(base: &[u8], tail: &[u8]) -> Vec<u8> {
    [base, b"/", tail].concat()
}

fn add(list: &mut Vec<Vec<u8>>, path: Vec<u8>) {
    if !list.contains(&path) {
        list.push(path);
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    fn from(variables: &[(&str, &str)]) -> Places {
        Places::from_lookup(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| value.as_bytes().to_vec())
        })
    }

    #[test]
    fn takes_the_usual_places_from_the_home_folder() {
        let places = from(&[("HOME", "/home/u"), ("BULKHEAD_WORKSPACE", "/ws")]);
        assert_eq!(places.homes, [b"/home/u"]);
        assert_eq!(places.own_config, [b"/home/u/.config/bulkhead"]);
        assert_eq!(places.own_state, [b"/home/u/.local/state/bulkhead"]);
        assert_eq!(places.workspaces, [b"/ws"]);
    }

    #[test]
    fn closes_the_state_of_other_instances_too() {
        let places = from(&[
            ("BULKHEAD_STATE_DIR", "/s/bulkhead/0123"),
            ("BULKHEAD_RUNTIME_DIR", "/tmp/r"),
            ("BULKHEAD_CONFIG_DIR", "/c/bulkhead"),
        ]);
        assert_eq!(places.own_state, [b"/s/bulkhead".to_vec(), b"/tmp/r".to_vec()]);
        assert_eq!(places.config_homes, [b"/c"]);
    }

    #[test]
    fn ignores_a_folder_that_is_not_absolute() {
        let places = from(&[("HOME", "home"), ("XDG_CONFIG_HOME", "./c")]);
        assert_eq!(places, Places::default());
    }

    #[test]
    fn adds_the_resolved_spelling_once() {
        let mut places = from(&[("HOME", "/home/u")]);
        places.resolve(|path| Some([b"/data".as_slice(), path].concat()));
        places.resolve(|_| None);
        assert_eq!(places.homes, [b"/home/u".to_vec(), b"/data/home/u".to_vec()]);
    }
}

//! The kernel's own wall: files, TCP ports, signals and abstract sockets.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, NetPort, PathBeneath,
    PathFd, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, Scope,
};

use crate::places::Surroundings;
use crate::profile::{Access, Profile};

/// First version with everything a profile asks for: files, cut short, ports, signals.
pub(crate) const WHOLE: ABI = ABI::V6;
/// The same as the number that the kernel answers.
pub(crate) const WHOLE_ABI: i64 = 6;

/// Whether a part that this kernel lacks is an error or is left out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Every part, or no start.
    #[default]
    Whole,
    /// As much as there is. Only where the caller shows that something is missing.
    Degraded,
}

/// Puts this thread, and all that it becomes, behind the profile's wall. Needs `no_new_privs`.
pub(crate) fn raise(
    profile: &Profile,
    around: &Surroundings,
    strictness: Strictness,
) -> Result<(), String> {
    let mut wall = begin(strictness)?;
    for (place, access) in profile.files {
        for path in around.paths(*place)? {
            wall = open_to(wall, &path, *access)?;
        }
    }
    for port in profile.ports {
        wall = port_rule(wall, *port, AccessNet::ConnectTcp)?;
    }
    // Port 0 stands for any that the kernel chooses: Node's inspector listens there while a stack is taken.
    wall = port_rule(wall, 0, AccessNet::BindTcp)?;
    wall.restrict_self().map(|_| ()).map_err(|error| format!("Landlock: {error}"))
}

/// The second wall of a foreign program, behind its supervisor: what may be run, and nothing written. What the
/// supervisor hands over was opened outside it.
pub(crate) fn raise_for_program(
    executable: &[PathBuf],
    ports: &[u16],
    strictness: Strictness,
) -> Result<(), String> {
    let mut wall = begin(strictness)?;
    for path in executable {
        if let Ok(fd) = PathFd::new(path) {
            let rights = AccessFs::Execute | AccessFs::ReadFile;
            wall = wall
                .add_rule(PathBeneath::new(fd, rights))
                .map_err(|error| format!("Landlock: {}: {error}", path.display()))?;
        }
    }
    for port in ports {
        wall = port_rule(wall, *port, AccessNet::ConnectTcp)?;
    }
    wall = port_rule(wall, 0, AccessNet::BindTcp)?;
    wall.restrict_self().map(|_| ()).map_err(|error| format!("Landlock: {error}"))
}

fn begin(strictness: Strictness) -> Result<RulesetCreated, String> {
    let level = match strictness {
        Strictness::Whole => CompatLevel::HardRequirement,
        Strictness::Degraded => CompatLevel::BestEffort,
    };
    Ruleset::default()
        .set_compatibility(level)
        .handle_access(AccessFs::from_all(WHOLE))
        .and_then(|wall| wall.handle_access(AccessNet::from_all(WHOLE)))
        .and_then(|wall| wall.scope(Scope::from_all(WHOLE)))
        .and_then(Ruleset::create)
        .map_err(|error| format!("Landlock: {error}"))
}

fn open_to(wall: RulesetCreated, path: &Path, access: Access) -> Result<RulesetCreated, String> {
    let Ok(fd) = PathFd::new(path) else {
        // What is not there needs no opening; when it comes later it stays closed.
        return Ok(wall);
    };
    let rights =
        if path.is_dir() { rights(access) } else { rights(access) & AccessFs::from_file(WHOLE) };
    if rights.is_empty() {
        return Ok(wall);
    }
    wall.add_rule(PathBeneath::new(fd, rights))
        .map_err(|error| format!("Landlock: {}: {error}", path.display()))
}

fn rights(access: Access) -> BitFlags<AccessFs> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    match access {
        Access::List => AccessFs::ReadDir.into(),
        Access::Read => read,
        Access::Run | Access::Common => read | AccessFs::Execute,
        Access::Use => AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate,
        Access::Write => {
            read | AccessFs::WriteFile
                | AccessFs::Truncate
                | AccessFs::MakeReg
                | AccessFs::MakeDir
                | AccessFs::MakeSym
                | AccessFs::RemoveFile
                | AccessFs::RemoveDir
                | AccessFs::Refer
        }
    }
}

fn port_rule(wall: RulesetCreated, port: u16, access: AccessNet) -> Result<RulesetCreated, String> {
    wall.add_rule(NetPort::new(port, access))
        .map_err(|error| format!("Landlock: port {port}: {error}"))
}

//! Starts a foreign program: its policy, its folders, its supervisor.

use std::fs::{DirBuilder, File};
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bulkhead_policy::{POLICY_BYTES_MAX, Places, Policy, Principal};

use crate::arguments::Launch;
use crate::confine::{Walls, check_kernel};
use crate::environment;
use crate::places::Surroundings;
use crate::profile::{Access, Place, Profile};
use crate::supervise::judge::{Area, Extent, Judge};
use crate::supervise::{Start, Teller, supervise};

/// Runs it to its end. The error means that it was not started.
pub(crate) fn run(
    launch: &Launch,
    profile: &Profile,
    (program, teller): (PathBuf, Option<Teller>),
) -> Result<ExitCode, String> {
    check_kernel(profile, launch.strictness)?;
    let temporary = Temporary::make(profile)?;
    let path = Some(temporary.0.clone());
    let asked = launch.reads.clone();
    let around = Surroundings { program, asked, opened: Vec::new(), temporary: path };
    let judge = Judge::new(policy()?, principal(launch, profile)?, areas(profile, &around)?)
        .with_closed_names(profile.closed_names)
        .with_teller(teller);
    let mut variables = environment::pass(profile.environment, &launch.kept, std::env::vars_os());
    variables.extend(environment::temporary(&temporary.0));
    let walls = Walls {
        profile,
        executable: executable(profile, &around)?,
        ports: &launch.ports,
        strictness: launch.strictness,
    };
    let start = Start {
        program: around.program.clone(),
        arguments: &launch.arguments,
        environment: variables,
        walls,
    };
    supervise(&start, judge, launch.parent)
}

fn principal(launch: &Launch, profile: &Profile) -> Result<Principal, String> {
    match (&launch.principal, profile.name) {
        (Some(principal), _) => Ok(principal.clone()),
        (None, "agent") => Ok(Principal::Agent),
        (None, "git-read") => Ok(Principal::Actor),
        (None, name) => Err(format!("profile {name} needs --principal mcp:NAME")),
    }
}

/// Built-in rules, the person's, and the workspace's, which can only narrow. A file that cannot be honoured whole
/// starts nothing.
fn policy() -> Result<Policy, String> {
    let real = |path: &[u8]| {
        let path = Path::new(std::ffi::OsStr::from_bytes(path)).canonicalize().ok()?;
        Some(path.into_os_string().into_vec())
    };
    let lookup = |name: &str| std::env::var_os(name).map(OsStringExt::into_vec);
    let mut places = Places::from_lookup(lookup);
    if places.homes.is_empty() || places.workspaces.is_empty() {
        return Err("HOME and BULKHEAD_WORKSPACE have to be absolute paths".to_owned());
    }
    places.resolve(real);
    let mut policy = Policy::builtin(places).map_err(|error| format!("policy: {error}"))?;
    for (variable, name) in
        [("BULKHEAD_CONFIG_DIR", "policy.json"), ("BULKHEAD_WORKSPACE", ".bulkhead/policy.json")]
    {
        let Some(folder) = std::env::var_os(variable) else { continue };
        let path = Path::new(&folder).join(name);
        let Some(text) = read_whole(&path)? else { continue };
        let shown = path.display().to_string();
        let with = match variable {
            "BULKHEAD_CONFIG_DIR" => policy.with_user(&text, &shown),
            _ => policy.with_workspace(&text, &shown),
        };
        policy = with.map_err(|error| error.to_string())?;
    }
    policy.resolve(real);
    Ok(policy)
}

fn read_whole(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(wrong)?,
    };
    let mut text = Vec::new();
    file.take(POLICY_BYTES_MAX as u64 + 1).read_to_end(&mut text).map_err(wrong)?;
    Ok(Some(text))
}

fn areas(profile: &Profile, around: &Surroundings) -> Result<Vec<Area>, String> {
    let mut areas = Vec::new();
    for (place, access) in profile.files {
        let extent = match access {
            Access::Common => Extent::Common,
            Access::Write => Extent::Write,
            Access::List | Access::Read | Access::Run | Access::Use => Extent::Read,
        };
        for path in both_spellings(around.paths(*place)?) {
            areas.push(Area { path: path.into_os_string().into_vec(), extent });
        }
    }
    Ok(areas)
}

/// As asked for and as it really is; what is not there opens nothing.
fn both_spellings(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let both = |path: PathBuf| {
        let real = path.canonicalize().ok()?;
        Some([path, real])
    };
    paths.into_iter().filter_map(both).flatten().collect()
}

fn executable(profile: &Profile, around: &Surroundings) -> Result<Vec<PathBuf>, String> {
    let mut paths = Vec::new();
    for (place, access) in profile.files {
        let runs = match access {
            Access::Run => true,
            Access::Common | Access::Write => profile.has_processes,
            _ => profile.has_processes && *place == Place::Workspace,
        };
        if runs {
            paths.extend(around.paths(*place)?);
        }
    }
    Ok(paths)
}

/// Removed when the program has ended.
struct Temporary(PathBuf);

impl Temporary {
    fn make(profile: &Profile) -> Result<Self, String> {
        let mut random = [0; 8];
        rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty())
            .map_err(|error| format!("no random bytes: {error}"))?;
        let name = format!("bulkhead-{}-{:016x}", profile.name, u64::from_ne_bytes(random));
        let path = std::env::temp_dir().join(name);
        // Fails where there is something already, so it is ours alone.
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| format!("cannot make {}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("bulkhead-launch: cannot remove {}: {error}", self.0.display());
        }
    }
}

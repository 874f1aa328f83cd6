//! Limits of a confined program. The number of processes is not among them: it counts the whole user.

use rustix::io::Result;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::profile::Profile;

/// Open files.
const FILES_MAX: u64 = 8192;

/// Sets them; a limit that is already lower stays.
pub(crate) fn set(profile: &Profile) -> Result<()> {
    lower(Resource::Core, 0)?;
    lower(Resource::Nofile, FILES_MAX)?;
    lower(Resource::Fsize, profile.file_bytes_max)
}

fn lower(resource: Resource, value: u64) -> Result<()> {
    let now = getrlimit(resource);
    let least = |limit: Option<u64>| Some(limit.map_or(value, |limit| limit.min(value)));
    setrlimit(resource, Rlimit { current: least(now.current), maximum: least(now.maximum) })
}

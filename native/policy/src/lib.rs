//! Which files are closed, to whom, and why: rules as data and one pure decision over a real path.
//!
//! No file is opened and no clock is read here. The caller resolves a path to the one the kernel
//! reports for an open descriptor and asks [`Policy::decide`]. A rule can only deny, so nothing a
//! workspace brings along can open what another rule closes.

mod builtin;
mod component;
mod error;
mod file;
mod fold;
mod grants;
mod index;
mod pattern;
mod places;
mod policy;
mod principal;
mod rule;

pub use error::{PathError, PatternError, PolicyError};
pub use file::POLICY_BYTES_MAX;
pub use grants::{GRANT_MS, GRANTS_MAX, GrantError, Grants};
pub use places::Places;
pub use policy::{Decision, Denial, Policy};
pub use principal::Principal;
pub use rule::{Audience, Level, Op, Ops, Source};

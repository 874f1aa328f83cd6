//! Who asks, as the hub has stamped it on the frame: which process, and on whose behalf.

use bulkhead_wire::{Frame, WireError};

const PERSON: &str = "person";
const AGENT: &str = "agent";
const SERVER_PROFILE: &str = "mcp-server";

/// Who sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// Address of the peer.
    source: u32,
    /// `person`, `agent`, `mcp:NAME`; none for an actor that acts for itself.
    principal: Option<String>,
}

impl Caller {
    /// # Errors
    /// `bus/protocol`: the extension is malformed.
    pub(super) fn of(frame: &Frame) -> Result<Self, WireError> {
        let malformed = |error| WireError::new("bus/protocol", format!("{error}"));
        let principal = frame.named_principal().map_err(malformed)?.map(str::to_owned);
        Ok(Self { source: frame.header.source, principal })
    }

    /// Nobody starts a program with more than they are: the person any, the agent any that is foreign, a server its own.
    ///
    /// # Errors
    /// `bus/denied`, with both named.
    pub(super) fn check_start(
        &self,
        profile: Option<&str>,
        principal: Option<&str>,
    ) -> Result<(), WireError> {
        let is_allowed = match (self.principal.as_deref(), profile) {
            // Our own profiles, which the walls know by heart, are anybody's who may call this at all.
            (Some(PERSON), _) | (_, None) | (Some(AGENT), Some(_)) => true,
            (Some(server), Some(SERVER_PROFILE)) => principal == Some(server),
            _ => false,
        };
        if is_allowed {
            return Ok(());
        }
        let who = self.principal.as_deref().unwrap_or("nobody");
        let (profile, principal) = (profile.unwrap_or("none"), principal.unwrap_or("none"));
        let text = format!(
            "a call for {who} cannot start profile {profile:?} for principal {principal:?}"
        );
        Err(WireError::new("bus/denied", text).with(who, None))
    }

    /// Whether a program that `owner` started may be seen, read and ended: its own, and all by the person.
    pub(super) fn may_use(&self, owner: u32) -> bool {
        self.source == owner || self.principal.as_deref() == Some(PERSON)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(principal: Option<&str>) -> Caller {
        Caller { source: 7, principal: principal.map(str::to_owned) }
    }

    #[test]
    fn nobody_starts_a_program_with_more_than_they_are() {
        let cases = [
            (Some("person"), Some("agent"), None, true),
            (Some("person"), Some("mcp-server"), Some("mcp:files"), true),
            (Some("person"), None, None, true),
            (None, None, None, true),
            (Some("agent"), None, None, true),
            (Some("agent"), Some("agent"), None, true),
            (Some("agent"), Some("mcp-server"), Some("mcp:files"), true),
            (Some("mcp:files"), Some("mcp-server"), Some("mcp:files"), true),
            (Some("mcp:files"), Some("mcp-server"), Some("mcp:other"), false),
            (Some("mcp:files"), Some("mcp-server"), None, false),
            (Some("mcp:files"), Some("agent"), None, false),
            (Some("mcp:files"), Some("agent"), Some("agent"), false),
            (None, Some("agent"), None, false),
            (None, Some("mcp-server"), Some("mcp:files"), false),
        ];
        for (who, profile, principal, is_allowed) in cases {
            let checked = caller(who).check_start(profile, principal);
            assert_eq!(checked.is_ok(), is_allowed, "{who:?} {profile:?} {principal:?}");
            if let Err(error) = checked {
                assert_eq!(error.code, "bus/denied");
            }
        }
    }

    #[test]
    fn a_program_is_its_starters_and_the_persons() {
        assert!(caller(None).may_use(7));
        assert!(!caller(None).may_use(8));
        assert!(!caller(Some("agent")).may_use(8));
        assert!(caller(Some("person")).may_use(8));
    }
}

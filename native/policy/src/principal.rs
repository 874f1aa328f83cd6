//! For whom a file is opened.

use std::fmt;

/// On whose behalf an operation happens. The hub stamps it on a call; a message never chooses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The person at the window. Alone may lift a guarded rule.
    Person,
    /// An actor that acts for itself: judged like the person, but without grants.
    Actor,
    /// The model's agent and the commands it runs.
    Agent,
    /// An MCP server by its name in `mcp.json`.
    Mcp(String),
}

impl Principal {
    /// Reads `person`, `actor`, `agent` or `mcp:NAME`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "person" => Some(Self::Person),
            "actor" => Some(Self::Actor),
            "agent" => Some(Self::Agent),
            _ => match text.strip_prefix("mcp:") {
                Some(name) if !name.is_empty() => Some(Self::Mcp(name.to_owned())),
                _ => None,
            },
        }
    }

    /// Whether it is a program that nobody looks after at each step: the agent or an MCP server.
    #[must_use]
    pub const fn is_program(&self) -> bool {
        matches!(self, Self::Agent | Self::Mcp(_))
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person => out.write_str("person"),
            Self::Actor => out.write_str("actor"),
            Self::Agent => out.write_str("agent"),
            Self::Mcp(name) => write!(out, "mcp:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Principal;

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        for text in ["person", "actor", "agent", "mcp:files"] {
            let read = Principal::parse(text).map(|principal| principal.to_string());
            assert_eq!(read.as_deref(), Some(text));
        }
        for text in ["", "Person", "mcp:", "mcp", "root", "agent "] {
            assert_eq!(Principal::parse(text), None, "{text:?}");
        }
    }
}

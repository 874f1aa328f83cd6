//! What a guard that takes over is told by the one before it: the grants of the person, and what can be taken back from
//! the trash. It goes through the hub, in memory; a guard that was killed hands nothing over.

use crate::error::GuardError;
use crate::gate::{Guard, lock};
use crate::reply::Reply;
use crate::trash::Kept;
use serde::{Deserialize, Serialize};

/// What is handed over. Times are milliseconds from now on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Handover {
    grants: Vec<GrantLeft>,
    trashed: Vec<Kept>,
    last_trashed: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GrantLeft {
    /// Folded names of the file's path.
    names: Vec<Vec<u8>>,
    left_ms: u64,
}

impl Guard {
    pub(crate) fn hand_over(&self) -> Result<Reply, GuardError> {
        let now_ms = self.clock.now_ms();
        let grants = lock(&self.grants)
            .left(now_ms)
            .into_iter()
            .map(|(names, left_ms)| GrantLeft { names, left_ms })
            .collect();
        let (trashed, last_trashed) = lock(&self.trashed).kept();
        Reply::new(&Handover { grants, trashed, last_trashed })
    }

    /// Takes what still holds: each grant is judged by the rules of this guard, each trash is opened anew.
    pub(crate) fn take_over(&self, from: &Handover) -> Reply {
        let now_ms = self.clock.now_ms();
        for GrantLeft { names, left_ms } in &from.grants {
            lock(&self.grants).take_over(names.clone(), *left_ms, now_ms);
        }
        lock(&self.trashed).take_over(&from.trashed, from.last_trashed);
        Reply::nothing()
    }
}

//! The file guard: the only code that opens the person's files for the window, the agent and servers.
//!
//! Every operation resolves its path to an open descriptor, judges what the kernel calls that
//! descriptor, and works on it alone. `addon` is the door to Node; everything else is plain Rust.

mod addon;
mod audit;
mod canary;
mod clock;
mod error;
mod find;
mod gate;
mod handles;
mod handover;
mod ignores;
mod links;
mod listing;
mod load;
mod names;
mod outside;
mod pool;
mod read;
mod reply;
mod request;
mod resolve;
mod save;
mod search;
mod sys;
mod task;
mod trash;
mod watch;

pub use audit::{CommandNote, CommandStage, Head, PageOptions};
pub use clock::Clock;
pub use error::{Denied, GuardError};
pub use find::FindOptions;
pub use gate::{Asker, Guard};
pub use handover::Handover;
pub use load::Variables;
pub use pool::Cancel;
pub use reply::Reply;
pub use request::{Payload, Request};
pub use search::SearchOptions;
pub use task::Task;

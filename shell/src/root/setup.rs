//! What every child of this root is told.
use std::ffi::OsString;
use std::path::PathBuf;

use crate::instance::Instance;
use crate::layout::Layout;
use crate::words::Mode;

/// Facts of this root; they never change in its life.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) instance: Instance,
    pub(crate) layout: Layout,
    pub(crate) node: PathBuf,
    pub(crate) mode: Mode,
    /// Kills from outside are not counted, and limits are lifted.
    pub(crate) drill: bool,
}

/// Variables and their values.
pub(crate) type Told = Vec<(&'static str, OsString)>;

/// Version of this program.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Setup {
    /// The environment of hub and windows, over the root's own. `version` is that of the files they are started from.
    pub(crate) fn environment(&self, hub_epoch: u32, version: &str) -> Told {
        let instance = &self.instance;
        vec![
            ("BULKHEAD_RUNTIME_DIR", instance.runtime_dir.clone().into()),
            ("BULKHEAD_STATE_DIR", instance.state_dir.clone().into()),
            ("BULKHEAD_CONFIG_DIR", instance.config_dir.clone().into()),
            ("BULKHEAD_WORKSPACE", instance.workspace.clone().into()),
            ("BULKHEAD_MODE", self.mode.name().into()),
            ("BULKHEAD_HOME", self.layout.home.clone().into()),
            ("BULKHEAD_NODE", self.node.clone().into()),
            ("BULKHEAD_VERSION", version.into()),
            ("BULKHEAD_ROOT_PID", std::process::id().to_string().into()),
            ("BULKHEAD_HUB_EPOCH", hub_epoch.to_string().into()),
        ]
    }
}

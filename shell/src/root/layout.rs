//! Where the parts of Bulkhead lie.
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The folder that holds `bin`, `node` and `ui`.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Absolute.
    pub(crate) home: PathBuf,
}

impl Layout {
    /// `BULKHEAD_HOME`, else the folder above this program's.
    ///
    /// # Errors
    /// The program cannot find itself.
    pub(crate) fn find() -> Result<Self, Failure> {
        if let Some(home) = std::env::var_os("BULKHEAD_HOME").filter(|home| !home.is_empty()) {
            let home =
                std::path::absolute(home).map_err(|error| Failure::new(error.to_string()))?;
            return Ok(Self { home });
        }
        let own = std::env::current_exe()
            .and_then(std::fs::canonicalize)
            .map_err(|error| Failure::new(format!("this program cannot find itself: {error}")))?;
        let home = own.parent().and_then(Path::parent).unwrap_or_else(|| Path::new("/"));
        Ok(Self { home: home.to_path_buf() })
    }

    /// A program of ours.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }

    /// A bundle for Node.
    pub(crate) fn bundle(&self, name: &str) -> PathBuf {
        self.home.join("node").join(name)
    }
}

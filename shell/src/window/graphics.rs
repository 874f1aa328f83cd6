//! How the page is drawn on this machine. Decided before GTK starts, logged once.
use std::path::Path;

/// What was found and chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Graphics {
    /// No GPU to draw with: WebKit's own software drawing is faster than OpenGL in software, and 60 MB smaller.
    pub(crate) software: bool,
    /// NVIDIA's driver shows nothing, or ends the process, with WebKit's DMABUF renderer.
    pub(crate) nvidia: bool,
}

/// Looks at the machine and at `LIBGL_ALWAYS_SOFTWARE`.
pub(crate) fn probe() -> Graphics {
    let forced = std::env::var_os("LIBGL_ALWAYS_SOFTWARE").is_some_and(|value| value != "0");
    let nvidia =
        ["/proc/driver/nvidia", "/sys/module/nvidia"].iter().any(|at| Path::new(at).exists());
    Graphics { software: forced || !(nvidia || has_render_node()), nvidia }
}

impl Graphics {
    /// In words, for the log.
    pub(crate) fn describe(self) -> &'static str {
        match (self.software, self.nvidia) {
            (true, _) => "no GPU: hardware acceleration is off",
            (false, true) => "NVIDIA driver: DMABUF renderer is off",
            (false, false) => "GPU: hardware acceleration is on",
        }
    }
}

fn has_render_node() -> bool {
    let Ok(entries) = std::fs::read_dir("/dev/dri") else { return false };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
        .any(|entry| std::fs::OpenOptions::new().read(true).write(true).open(entry.path()).is_ok())
}

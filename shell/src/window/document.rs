//! The document: `index.html` with the boot block that makes a generation.
use std::collections::BTreeMap;

use serde::Serialize;

/// What the page is told about where it runs; `ui/boot.ts` reads it.
#[derive(Debug, Serialize)]
pub(crate) struct Boot<'a> {
    pub(crate) mode: &'static str,
    pub(crate) key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scheme: Option<&'static str>,
    pub(crate) env: &'a BTreeMap<String, String>,
    /// `true`, or why the renderer runs without WebKit's sandbox.
    pub(crate) sandbox: serde_json::Value,
    pub(crate) version: &'static str,
    /// `window/1`.
    pub(crate) window: &'a str,
    /// Started with `BULKHEAD_DRILL=1`: the page notes what its terminals parse.
    pub(crate) drill: bool,
    /// Set when this document replaces a page whose process ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crash: Option<Crash>,
}

/// A renderer that ended by itself.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Crash {
    /// `crashed`, `exceeded-memory-limit` or `terminated`.
    pub(crate) reason: &'static str,
    /// Wall clock, milliseconds since 1970.
    #[serde(rename = "atMs")]
    pub(crate) at_ms: u64,
}

/// Mark in `index.html` that the boot block replaces.
const MARK: &str = "<!--boot-->";

/// Puts the boot block into `html`: at the mark, else before `</head>`, else in front.
pub(crate) fn with_boot(html: &str, boot: &Boot<'_>, nonce: &str) -> String {
    let json = serde_json::to_string(boot).unwrap_or_default();
    // `</script>` and `<!--` inside a value would end or change the element.
    let json = json.replace('<', "\\u003c");
    let block =
        format!("<script nonce=\"{nonce}\" id=\"boot\" type=\"application/json\">{json}</script>");
    let at = html.find(MARK).or_else(|| html.find("</head>")).unwrap_or(0);
    let (before, after) = html.split_at(at);
    let html = format!("{before}{block}{}", after.strip_prefix(MARK).unwrap_or(after));
    let theme = boot.scheme.map(|scheme| format!("<html data-theme=\"{scheme}\""));
    match theme {
        Some(theme) => html.replacen("<html", &theme, 1),
        None => html,
    }
}

/// The environment the window was opened with, for new shells. Our own and WebKit's variables are left out.
pub(crate) fn environment(
    variables: impl Iterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
) -> BTreeMap<String, String> {
    const OURS: [&str; 2] = ["BULKHEAD_", "WEBKIT_"];
    variables
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| !OURS.iter().any(|prefix| name.starts_with(prefix)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Boot, environment, with_boot};
    use std::collections::BTreeMap;

    fn boot(env: &BTreeMap<String, String>) -> Boot<'_> {
        Boot {
            mode: "window",
            key: "k",
            scheme: Some("dark"),
            env,
            sandbox: serde_json::Value::Bool(true),
            version: "0",
            window: "window/1",
            drill: false,
            crash: None,
        }
    }

    #[test]
    fn the_boot_block_replaces_the_mark() {
        let env = BTreeMap::new();
        let html = with_boot("<html lang=\"en\"><head><!--boot--></head>", &boot(&env), "n");
        assert!(
            html.starts_with("<html data-theme=\"dark\" lang=\"en\"><head><script nonce=\"n\"")
        );
        assert!(html.ends_with("</script></head>"));
    }

    #[test]
    fn a_value_cannot_end_the_block() {
        let env = BTreeMap::from([("A".to_owned(), "</script><script>x".to_owned())]);
        let html = with_boot("<head></head>", &boot(&env), "n");
        assert_eq!(html.matches("</script>").count(), 1);
        assert!(html.contains("\\u003c/script>"));
    }

    #[test]
    fn our_own_variables_do_not_reach_shells() {
        let pairs = [("PATH", "/bin"), ("BULKHEAD_NODE", "x"), ("WEBKIT_FORCE_SANDBOX", "1")];
        let kept = environment(pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())));
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["PATH"]);
    }
}

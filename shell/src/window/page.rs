//! What the window tells the page.
use serde_json::{Value, json};
use webkit2gtk::{WebView, WebViewExt};

/// Calls the page's `window.__bulkheadHost(event)`; `answered` hears whether a page was there to take it.
pub(crate) fn tell(view: &WebView, event: &Value, answered: impl FnOnce(bool) + 'static) {
    let script = format!("if (!window.__bulkheadHost) throw 0; window.__bulkheadHost({event}); 0");
    view.evaluate_javascript(&script, None, None, gio::Cancellable::NONE, move |result| {
        answered(result.is_ok());
    });
}

/// The colour scheme of the desktop changed.
pub(crate) fn scheme(value: &str) -> Value {
    json!({ "type": "scheme", "value": value })
}

/// The window got or lost the focus.
pub(crate) fn focus(focused: bool) -> Value {
    json!({ "type": "focus", "focused": focused })
}

/// A person pressed the close button; the page answers with `/host {op: "close"}` when it agrees.
pub(crate) fn close_requested() -> Value {
    json!({ "type": "close-requested" })
}

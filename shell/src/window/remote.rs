//! Runs scripts in the page for tests, by a socket in the runtime dir. WebDriver ends its session when the page's
//! process dies; this does not. Only with `BULKHEAD_AUTOMATION=1`: it is a remote control.
//!
//! A JSON object per line: `{"script": "function body"}` is answered by `{"value": ...}` or `{"error": "..."}`. A body
//! may return a promise. `{"press": "close"}` is the close button of the title bar.
use std::path::{Path, PathBuf};

use gio::prelude::{
    DataInputStreamExtManual as _, IOStreamExt as _, OutputStreamExtManual as _,
    SocketListenerExt as _, SocketServiceExt as _,
};
use gtk::prelude::{CastNone as _, GtkWindowExt as _, WidgetExt as _};
use javascriptcore::ValueExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use webkit2gtk::{WebView, WebViewExt as _};

use crate::bridge::Setting;
use crate::error::WindowError;
use crate::log;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Wish {
    Script(String),
    Press(Button),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Button {
    Close,
}

/// `R/test-window-1.sock` for `window/1`.
pub(crate) fn path_of(setting: &Setting) -> PathBuf {
    setting.runtime_dir.join(format!("test-{}.sock", setting.name.replace('/', "-")))
}

/// Listens at `path` as long as the service lives.
///
/// # Errors
/// `window/automation` when the socket cannot be made.
pub(crate) fn serve(view: &WebView, path: &Path) -> Result<gio::SocketService, WindowError> {
    let refuse = |error: &dyn std::fmt::Display| {
        WindowError::new("window/automation", format!("{}: {error}", path.display()))
    };
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(refuse(&error)),
        _ => {}
    }
    let service = gio::SocketService::new();
    let address = gio::UnixSocketAddress::new(path);
    let (kind, protocol) = (gio::SocketType::Stream, gio::SocketProtocol::Default);
    service
        .add_address(&address, kind, protocol, glib::Object::NONE)
        .map_err(|error| refuse(&error))?;
    let view = view.clone();
    service.connect_incoming(move |_, connection, _| {
        glib::MainContext::default().spawn_local(converse(view.clone(), connection.clone()));
        true
    });
    service.start();
    log::line(&format!("automation: scripts are taken at {}", path.display()));
    Ok(service)
}

async fn converse(view: WebView, connection: gio::SocketConnection) {
    let lines = gio::DataInputStream::new(&connection.input_stream());
    let output = connection.output_stream();
    while let Ok(Some(line)) = lines.read_line_utf8_future(glib::Priority::DEFAULT).await {
        let answer = match serde_json::from_str::<Wish>(&line) {
            Ok(Wish::Script(script)) => run(&view, &script).await,
            Ok(Wish::Press(Button::Close)) => {
                if let Some(window) = view.toplevel().and_downcast::<gtk::Window>() {
                    window.close();
                }
                json!({ "value": true })
            }
            Err(error) => json!({ "error": error.to_string() }),
        };
        let text = format!("{answer}\n").into_bytes();
        if output.write_all_future(text, glib::Priority::DEFAULT).await.is_err() {
            break;
        }
    }
}

async fn run(view: &WebView, script: &str) -> Value {
    match view.call_async_javascript_function_future(script, None, None, None).await {
        Ok(value) => {
            let text = value.to_json(0).unwrap_or_else(|| "null".into());
            json!({ "value": serde_json::from_str::<Value>(&text).unwrap_or(Value::Null) })
        }
        Err(error) => json!({ "error": error.to_string() }),
    }
}

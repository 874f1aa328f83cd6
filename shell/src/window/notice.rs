//! Desktop notices, by the notification service of the desktop.
use std::collections::HashMap;

use gio::prelude::ToVariant as _;

use crate::log;

const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// Longest text of a title or body, in characters.
const TEXT_MAX: usize = 500;
/// Longest wait for the service, milliseconds.
const ANSWER_MS_MAX: i32 = 3_000;
/// The service decides how long a notice stays.
const STAY_DEFAULT: i32 = -1;

/// Shows a notice. Without a service it is only logged: the page keeps its own list.
pub(crate) fn show(title: &str, body: &str) {
    let hints = HashMap::from([("desktop-entry", "bulkhead".to_variant())]);
    let actions: Vec<String> = Vec::new();
    let input = (
        "Bulkhead",
        0_u32,
        "bulkhead",
        cut(title),
        escape(&cut(body)),
        actions,
        hints,
        STAY_DEFAULT,
    );
    let input = input.to_variant();
    glib::MainContext::default().spawn_local(async move {
        if let Err(error) = send(&input).await {
            log::line(&format!("no desktop notice: {error}"));
        }
    });
}

async fn send(input: &glib::Variant) -> Result<(), glib::Error> {
    let bus = gio::bus_get_future(gio::BusType::Session).await?;
    let flags = gio::DBusCallFlags::NONE;
    let service = Some(SERVICE);
    bus.call_future(service, PATH, SERVICE, "Notify", Some(input), None, flags, ANSWER_MS_MAX)
        .await?;
    Ok(())
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}

/// Bodies are markup for many services.
fn escape(text: &str) -> String {
    glib::markup_escape_text(text).to_string()
}

//! The least window that WebKitGTK can be: what `npm run bench` holds the start of Bulkhead's window against. It prints
//! the wall clock, in milliseconds, at which its page's script has run, and ends.
use std::io::Write as _;

use gtk::prelude::{ContainerExt as _, GtkWindowExt as _, WidgetExt as _};
use javascriptcore::ValueExt as _;
use webkit2gtk::{UserContentManagerExt as _, WebView, WebViewExt as _};

const PAGE: &str = r#"<!doctype html><title>bare</title><script type="module">
document.addEventListener("DOMContentLoaded", () => {
  webkit.messageHandlers.bench.postMessage(performance.timeOrigin + performance.now());
});
</script>"#;

fn main() -> Result<(), glib::BoolError> {
    gtk::init()?;
    let window = gtk::Window::new(gtk::WindowType::Toplevel);
    window.set_default_size(1280, 800);
    let content = webkit2gtk::UserContentManager::new();
    content.connect_script_message_received(Some("bench"), |_, message| {
        let at_ms = message.js_value().map_or(0.0, |value| value.to_double());
        drop(writeln!(std::io::stdout(), "{at_ms}"));
        gtk::main_quit();
    });
    content.register_script_message_handler("bench");
    let view = WebView::with_user_content_manager(&content);
    window.add(&view);
    view.load_html(PAGE, None);
    window.show_all();
    gtk::main();
    Ok(())
}

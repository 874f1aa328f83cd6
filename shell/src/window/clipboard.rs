//! Clipboard and PRIMARY, which WebKitGTK does not give a page on its own.
use std::cell::Cell;

use gtk::gdk;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    Clipboard,
    Primary,
}

/// The text it holds, empty when it holds none. GTK gives up on a silent owner by itself.
pub(crate) async fn get(selection: Selection) -> String {
    let (sender, receiver) = futures_channel::oneshot::channel();
    let sender = Cell::new(Some(sender));
    handle(selection).request_text(move |_, text| {
        if let Some(sender) = sender.take() {
            drop(sender.send(text.unwrap_or_default().to_owned()));
        }
    });
    receiver.await.unwrap_or_default()
}

/// Puts `text` there.
pub(crate) fn set(selection: Selection, text: &str) {
    handle(selection).set_text(text);
}

fn handle(selection: Selection) -> gtk::Clipboard {
    gtk::Clipboard::get(match selection {
        Selection::Clipboard => &gdk::SELECTION_CLIPBOARD,
        Selection::Primary => &gdk::SELECTION_PRIMARY,
    })
}

//! A plain system dialog: the last resort when no page can speak.
use gtk::prelude::{Cast, DialogExt, GtkWindowExt, IsA, MessageDialogExt, WidgetExt};
use serde::Deserialize;

/// A dialog in words. The first button is the least harmful one and the default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Words {
    /// The message, bold.
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) text: String,
    /// One to four labels.
    pub(crate) buttons: Vec<String>,
}

impl Words {
    /// Reads the JSON of `--dialog`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(json: &str) -> Result<Self, String> {
        let words: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
        if (1..=4).contains(&words.buttons.len()) {
            return Ok(words);
        }
        Err(format!("{} buttons; a dialog has 1 to 4", words.buttons.len()))
    }
}

/// Builds the dialog. The response is the button's number; closing it any other way gives a negative one.
pub(crate) fn build(words: &Words, parent: Option<&impl IsA<gtk::Window>>) -> gtk::MessageDialog {
    let dialog = gtk::MessageDialog::new(
        parent,
        gtk::DialogFlags::MODAL,
        gtk::MessageType::Warning,
        gtk::ButtonsType::None,
        &words.title,
    );
    if !words.text.is_empty() {
        dialog.set_secondary_text(Some(&words.text));
    }
    for (number, label) in (0_u16..).zip(&words.buttons) {
        dialog.add_button(label, gtk::ResponseType::Other(number));
    }
    dialog.set_default_response(gtk::ResponseType::Other(0));
    dialog.upcast_ref::<gtk::Window>().set_title("Bulkhead");
    dialog
}

/// Shows `words` beside the running main loop and calls `chosen` with the button's number, the default when closed.
pub(crate) fn show(
    words: &Words,
    parent: &impl IsA<gtk::Window>,
    chosen: impl FnOnce(u16) + 'static,
) {
    let dialog = build(words, Some(parent));
    let chosen = std::cell::Cell::new(Some(chosen));
    dialog.connect_response(move |dialog, response| {
        dialog.close();
        if let Some(chosen) = chosen.take() {
            chosen(number_of(response));
        }
    });
    dialog.show_all();
}

/// Runs a dialog of its own, without a window, and gives the button's number.
///
/// # Errors
/// GTK has no display.
pub(crate) fn run(words: &Words) -> Result<u16, String> {
    gtk::init().map_err(|error| error.to_string())?;
    let dialog = build(words, None::<&gtk::Window>);
    let response = dialog.run();
    dialog.close();
    Ok(number_of(response))
}

fn number_of(response: gtk::ResponseType) -> u16 {
    match response {
        gtk::ResponseType::Other(number) => number,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn a_dialog_has_one_to_four_buttons() {
        assert!(Words::parse(r#"{"title":"t","buttons":["OK"]}"#).is_ok());
        assert!(Words::parse(r#"{"title":"t","buttons":[]}"#).is_err());
        assert!(Words::parse(r#"{"title":"t","buttons":["1","2","3","4","5"]}"#).is_err());
        assert!(Words::parse("no").is_err());
    }
}

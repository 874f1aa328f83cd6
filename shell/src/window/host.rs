//! `POST /host`: what the page asks of the window itself.
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use gtk::gdk;
use gtk::prelude::{GtkWindowExt, WidgetExt};
use serde::Deserialize;
use serde_json::{Value, json};
use webkit2gtk::{WebView, WebViewExt};

use crate::clipboard::{self, Selection};
use crate::control::Control;
use crate::route::{HOME, Refusal};
use crate::timing::Timing;
use crate::{log, notice, portal};

/// Longest title, in characters.
const TITLE_MAX: usize = 300;
/// Lets GTK take the time of the event it is handling.
const CURRENT_TIME: u32 = 0;
/// Longest address handed to the desktop.
const URL_BYTES_MAX: usize = 8_192;

/// A wish of the page.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case", deny_unknown_fields)]
enum Wish {
    Painted { ground: Option<String> },
    Title { title: String },
    Close {},
    PrimaryGet {},
    PrimarySet { text: String },
    ClipboardGet {},
    ClipboardSet { text: String },
    Notify { title: String, body: String },
    OpenUrl { url: String },
    Reload {},
    NewWindow {},
    Test { what: String },
}

/// What the window offers its page. Lives on the main thread.
pub(crate) struct Host {
    window: gtk::Window,
    view: WebView,
    control: Rc<Control>,
    timing: Rc<Timing>,
    scheme: Cell<Option<&'static str>>,
    on_close: RefCell<Option<Box<dyn Fn()>>>,
    /// Answers the wish `test`, in automation only.
    facts: Option<Value>,
}

impl fmt::Debug for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Host").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

impl Host {
    /// `facts` answers `{op: "test"}`; without them it is refused.
    pub(crate) fn new(
        (window, view): (gtk::Window, WebView),
        control: Rc<Control>,
        timing: Rc<Timing>,
        facts: Option<Value>,
    ) -> Rc<Self> {
        let scheme = Cell::new(portal::guess());
        let on_close = RefCell::new(None);
        Rc::new(Self { window, view, control, timing, scheme, on_close, facts })
    }

    /// Sets what happens when the page agrees to close.
    pub(crate) fn on_close(&self, act: impl Fn() + 'static) {
        self.on_close.replace(Some(Box::new(act)));
    }

    /// `dark`, `light`, or nothing when the desktop says neither.
    pub(crate) fn scheme(&self) -> Option<&'static str> {
        self.scheme.get()
    }

    /// Keeps the scheme for the next document.
    pub(crate) fn set_scheme(&self, scheme: &'static str) {
        self.scheme.set(Some(scheme));
    }

    /// Shows the window. The root hears of the first time.
    pub(crate) fn show(&self) {
        if !self.window.is_visible() {
            self.window.show_all();
            self.timing.reach("window shown");
            self.control.send(&json!({ "type": "painted" }));
        }
    }

    /// Does what the body asks.
    ///
    /// # Errors
    /// 400 with the reason, for a wish that is not known or out of bounds.
    pub(crate) async fn answer(&self, body: &[u8]) -> Result<Option<Value>, Refusal> {
        let wish: Wish =
            serde_json::from_slice(body).map_err(|error| bad(format!("not a wish: {error}")))?;
        match wish {
            Wish::PrimaryGet {} => {
                Ok(Some(json!({ "text": clipboard::get(Selection::Primary).await })))
            }
            Wish::ClipboardGet {} => {
                Ok(Some(json!({ "text": clipboard::get(Selection::Clipboard).await })))
            }
            Wish::Test { what } => self.test(&what).map(Some),
            Wish::OpenUrl { url } => self.open_url(&url).map(|()| None),
            other => {
                self.act(other);
                Ok(None)
            }
        }
    }

    fn act(&self, wish: Wish) {
        match wish {
            Wish::Painted { ground } => {
                self.timing.reach("page painted");
                // Between being shown and its first frame the view is its ground alone.
                if let Some(ground) = ground.and_then(|text| text.parse::<gdk::RGBA>().ok()) {
                    self.view.set_background_color(&ground);
                }
                self.show();
            }
            Wish::Title { title } => {
                self.window.set_title(&title.chars().take(TITLE_MAX).collect::<String>());
            }
            Wish::Close {} => {
                if let Some(close) = self.on_close.borrow().as_ref() {
                    close();
                }
            }
            Wish::PrimarySet { text } => clipboard::set(Selection::Primary, &text),
            Wish::ClipboardSet { text } => clipboard::set(Selection::Clipboard, &text),
            Wish::Notify { title, body } => notice::show(&title, &body),
            Wish::Reload {} => self.view.load_uri(HOME),
            Wish::NewWindow {} => self.control.send(&json!({ "type": "new-window" })),
            Wish::PrimaryGet {}
            | Wish::ClipboardGet {}
            | Wish::Test { .. }
            | Wish::OpenUrl { .. } => {}
        }
    }

    fn open_url(&self, url: &str) -> Result<(), Refusal> {
        let known = ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
        if !known || url.len() > URL_BYTES_MAX {
            let start: String = url.chars().take(80).collect();
            return Err(bad(format!(
                "{start:?} is no http, https or mailto address of at most 8192 bytes"
            )));
        }
        let parent = Some(&self.window);
        if let Err(error) = gtk::show_uri_on_window(parent, url, CURRENT_TIME) {
            log::line(&format!("{url} was not opened: {error}"));
        }
        Ok(())
    }

    fn test(&self, what: &str) -> Result<Value, Refusal> {
        match (&self.facts, what) {
            (Some(facts), "facts") => Ok(facts.clone()),
            (Some(_), other) => Err(bad(format!("no test hook {other:?}"))),
            (None, _) => Err(bad("test hooks need BULKHEAD_AUTOMATION=1".to_owned())),
        }
    }
}

fn bad(reason: String) -> Refusal {
    Refusal { status: 400, reason }
}

//! Puts the window together and runs it. Every GTK and WebKit object stays on the main thread.
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use gtk::gdk;
use gtk::gdk::prelude::DisplayExtManual as _;
use gtk::gdk_pixbuf::Pixbuf;
use gtk::glib::Propagation;
use gtk::prelude::{Cast, GtkWindowExt, WidgetExt};
use serde_json::{Value, json};
use tao::dpi::LogicalSize;
use tao::event::{Event, WindowEvent};
use tao::event_loop::{ControlFlow, EventLoop, EventLoopBuilder, EventLoopProxy};
use tao::platform::unix::WindowExtUnix as _;
use tao::window::{Window, WindowBuilder};
use webkit2gtk::{WebView, WebViewExt};

use crate::bridge::{Bridge, Setting};
use crate::control::{Control, Order};
use crate::error::WindowError;
use crate::graphics::Graphics;
use crate::host::Host;
use crate::place::{self, LEAST, Place};
use crate::route::HOME;
use crate::timing::Timing;
use crate::{log, page, portal, remote, renderer, view};

/// Shown by the window list of the desktop.
static ICON: &[u8] = include_bytes!("../../assets/bulkhead.png");
/// A page that has not drawn by then is shown as it is.
const PAINT_MS_MAX: u64 = 3_000;
/// A page that does not take the question whether to close by then is dead.
const CLOSE_MS_MAX: u64 = 2_000;

/// What the window is started with.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) setting: Setting,
    pub(crate) state_dir: Option<PathBuf>,
    pub(crate) graphics: Graphics,
    /// The first moment of `main`.
    pub(crate) started: Instant,
    pub(crate) automation: bool,
}

/// What happens outside of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Close,
}

/// Opens the window and runs until it is closed; ends the process.
///
/// # Errors
/// When the window or the webview cannot be made.
pub(crate) fn run(start: Start, control: Rc<Control>) -> Result<(), WindowError> {
    let events: EventLoop<Act> = EventLoopBuilder::with_user_event().build();
    let place = start.state_dir.as_deref().map(place::read).unwrap_or_default();
    let window = build_window(&events, place)?;
    let gtk_window: gtk::Window = window.gtk_window().clone().upcast();
    let container = window
        .default_vbox()
        .ok_or_else(|| WindowError::new("window/webkit", "the window has no container"))?;
    let made = view::build(container, &start)?;
    let page_view = made.view();
    let facts = start.automation.then(|| facts(&start));
    let (automation, socket) = (start.automation, remote::path_of(&start.setting));
    let timing = Rc::new(Timing::new(start.started));
    let parts = (gtk_window.clone(), page_view.clone());
    let host = Host::new(parts, Rc::clone(&control), Rc::clone(&timing), facts);
    let bridge = Bridge::new(start.setting, Rc::clone(&host), timing);
    bridge.register(&made.context()?)?;
    connect(&gtk_window, &page_view, &host, &control, &events.create_proxy());
    renderer::watch(&page_view, &gtk_window, &bridge, &control);
    let service = automation.then(|| remote::serve(&page_view, &socket)).transpose()?;
    control.send(&json!({ "type": "ready" }));
    page_view.load_uri(HOME);
    let last = Rc::new(Cell::new(place));
    remember(&gtk_window, &last);
    let closing = Closing { view: page_view, asked: Cell::new(false) };
    let proxy = events.create_proxy();
    let state_dir = start.state_dir;
    let kept = RefCell::new(Some((made, window, service)));
    events.run(move |event, _, flow| {
        *flow = ControlFlow::Wait;
        match event {
            Event::WindowEvent { event: WindowEvent::CloseRequested, .. } => closing.ask(&proxy),
            Event::UserEvent(Act::Close) => {
                bridge.end_generation();
                if let Some(folder) = &state_dir
                    && let Err(error) = place::write(folder, place_of(&gtk_window, last.get()))
                {
                    log::line(&format!("size and place were not saved: {error}"));
                }
                control.send(&json!({ "type": "closed" }));
                kept.take();
                *flow = ControlFlow::Exit;
            }
            _ => {}
        }
    })
}

fn build_window(events: &EventLoop<Act>, place: Place) -> Result<Window, WindowError> {
    let builder = WindowBuilder::new()
        .with_title("Bulkhead")
        .with_visible(false)
        .with_background_color(view::CHROME)
        .with_inner_size(LogicalSize::new(place.width, place.height))
        .with_min_inner_size(LogicalSize::new(LEAST.0, LEAST.1))
        .with_maximized(place.maximized);
    let window = builder
        .build(events)
        .map_err(|error| WindowError::new("window/display", format!("no window: {error}")))?;
    if let Some((x, y)) = place.at {
        window.gtk_window().move_(x, y);
    }
    // Without the icon theme's the embedded one is shown; a picture that does not load is no reason not to open.
    let icon = gio::MemoryInputStream::from_bytes(&glib::Bytes::from_static(ICON));
    let icon = Pixbuf::from_stream(&icon, gio::Cancellable::NONE).ok();
    window.gtk_window().set_icon(icon.as_ref());
    Ok(window)
}

fn connect(
    window: &gtk::Window,
    view: &WebView,
    host: &Rc<Host>,
    control: &Rc<Control>,
    proxy: &EventLoopProxy<Act>,
) {
    window.connect_key_press_event(|_, key| swallow(key));
    let told = view.clone();
    window.connect_is_active_notify(move |window| {
        page::tell(&told, &page::focus(window.is_active()), |_| {});
    });
    let (told, kept) = (view.clone(), Rc::clone(host));
    portal::follow(move |scheme| {
        kept.set_scheme(scheme);
        page::tell(&told, &page::scheme(scheme), |_| {});
    });
    let shown = Rc::clone(host);
    glib::timeout_add_local_once(Duration::from_millis(PAINT_MS_MAX), move || shown.show());
    let closing = proxy.clone();
    host.on_close(move || close(&closing));
    obey(window, view, control, proxy);
}

fn obey(window: &gtk::Window, view: &WebView, control: &Rc<Control>, proxy: &EventLoopProxy<Act>) {
    let (window, view, proxy) = (window.clone(), view.clone(), proxy.clone());
    control.listen(move |order| match order {
        None | Some(Order::Close) => close(&proxy),
        Some(Order::Reload) => view.load_uri(HOME),
        Some(Order::Present) => window.present(),
        Some(Order::Notice { text }) => window.set_title(&format!("{text} - Bulkhead")),
    });
}

fn close(proxy: &EventLoopProxy<Act>) {
    if proxy.send_event(Act::Close).is_err() {
        log::line("the event loop is gone");
    }
}

/// WebKitGTK opens its emoji list on these two and then keeps the keyboard.
fn swallow(key: &gdk::EventKey) -> Propagation {
    let control = key.state().contains(gdk::ModifierType::CONTROL_MASK);
    let listed = [gdk::keys::constants::period, gdk::keys::constants::semicolon];
    if control && listed.contains(&key.keyval()) { Propagation::Stop } else { Propagation::Proceed }
}

/// Follows the size while the window is not maximized, so that it is known when it closes maximized.
fn remember(window: &gtk::Window, last: &Rc<Cell<Place>>) {
    let last = Rc::clone(last);
    window.connect_configure_event(move |window, _| {
        last.set(place_of(window, last.get()));
        false
    });
}

fn place_of(window: &gtk::Window, before: Place) -> Place {
    let maximized = window.is_maximized();
    if maximized || !window.is_visible() {
        return Place { maximized, ..before };
    }
    let (width, height) = window.size();
    // Wayland tells no window where it is, and GTK says (0, 0).
    let x11 = window.display().backend().is_x11();
    Place { width, height, at: x11.then(|| window.position()), maximized }
}

fn facts(start: &Start) -> Value {
    json!({
        "pid": std::process::id(),
        "graphics": start.graphics.describe(),
        "sandbox": start.setting.sandbox,
    })
}

/// The close button: the page is asked; a dead page, or one without an ear, is not waited for.
struct Closing {
    view: WebView,
    asked: Cell<bool>,
}

impl Closing {
    fn ask(&self, proxy: &EventLoopProxy<Act>) {
        self.asked.set(true);
        let heard = Rc::new(Cell::new(false));
        let (answer, silent) = (proxy.clone(), proxy.clone());
        let seen = Rc::clone(&heard);
        page::tell(&self.view, &page::close_requested(), move |taken| {
            seen.set(true);
            if !taken {
                close(&answer);
            }
        });
        glib::timeout_add_local_once(Duration::from_millis(CLOSE_MS_MAX), move || {
            if !heard.get() {
                log::line("the page does not answer: closing without it");
                close(&silent);
            }
        });
    }
}

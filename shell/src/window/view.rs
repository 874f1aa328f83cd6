//! The webview: a WebContext of our own, nothing loaded yet, and what it may do.
use gtk::prelude::ObjectExt as _;
use webkit2gtk::{
    ContextMenuExt as _, HardwareAccelerationPolicy, HitTestResultExt as _,
    PermissionRequestExt as _, SettingsExt as _, WebView, WebViewExt,
};
use wry::{
    NewWindowResponse, WebContext, WebViewBuilder, WebViewBuilderExtUnix as _, WebViewExtUnix as _,
};

use crate::app::Start;
use crate::error::WindowError;
use crate::route::HOME;

/// `chrome` of the dark theme, shown before the page has drawn.
pub(crate) const CHROME: (u8, u8, u8, u8) = (0x14, 0x18, 0x1d, 0xff);

/// The webview and the context it was made in, which must live as long.
pub(crate) struct Made {
    webview: wry::WebView,
    _context: WebContext,
}

impl Made {
    /// WebKit's own object.
    pub(crate) fn view(&self) -> WebView {
        self.webview.webview()
    }

    /// The context the scheme is registered on.
    ///
    /// # Errors
    /// `window/webkit` when there is none.
    pub(crate) fn context(&self) -> Result<webkit2gtk::WebContext, WindowError> {
        self.view().context().ok_or_else(|| {
            WindowError::new(
                "window/webkit",
                "the webview has no context to register the scheme on",
            )
        })
    }
}

/// Makes the webview inside `container`, with no address.
///
/// # Errors
/// `window/webkit` when WebKit refuses.
pub(crate) fn build(container: &gtk::Box, start: &Start) -> Result<Made, WindowError> {
    let data = start.setting.runtime_dir.join("web").join(start.setting.name.replace('/', "-"));
    let mut context = WebContext::new(Some(data));
    context.set_allows_automation(start.automation);
    let webview = WebViewBuilder::new_with_web_context(&mut context)
        .with_background_color(CHROME)
        .with_navigation_handler(|uri| uri == "about:blank" || uri.starts_with(HOME))
        .with_new_window_req_handler(|_, _| NewWindowResponse::Deny)
        .with_download_started_handler(|_, _| false)
        .with_devtools(devtools())
        .build_gtk(container)
        .map_err(|error| WindowError::new("window/webkit", format!("no webview: {error}")))?;
    let made = Made { webview, _context: context };
    configure(&made.view(), start);
    Ok(made)
}

fn devtools() -> bool {
    std::env::var_os("BULKHEAD_DEVTOOLS").is_some_and(|value| value == "1")
}

fn configure(view: &WebView, start: &Start) {
    if let Some(settings) = WebViewExt::settings(view) {
        if start.graphics.software {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
        settings.set_enable_developer_extras(devtools());
        settings.set_enable_page_cache(false);
        settings.set_enable_webaudio(false);
        settings.set_enable_media_stream(false);
        settings.set_javascript_can_open_windows_automatically(false);
    }
    view.connect_permission_request(|view, request| {
        let ours = view.uri().is_some_and(|uri| uri.starts_with(HOME));
        // webkit2gtk 2.0 has no type for it.
        let clipboard = request.type_().name() == "WebKitClipboardPermissionRequest";
        if ours && clipboard {
            request.allow()
        } else {
            request.deny()
        }
        true
    });
    let inspect = devtools();
    view.connect_context_menu(move |_, menu, _, hit| {
        let keep = inspect || hit.context_is_editable();
        if !keep {
            menu.remove_all();
        }
        !keep
    });
}

//! Serves the scheme `bulkhead`: document, assets, and the bridge between the page and the hub.
//!
//! Every document is a generation with a key and at most one link. Serving the next document ends the link of the last
//! one, so the hub cancels what an old page had under way.
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use webkit2gtk::{
    SecurityManagerExt, URISchemeRequest, URISchemeRequestExt, WebContext, WebContextExt,
};

use crate::assets::Assets;
use crate::document::{self, Boot, Crash};
use crate::error::WindowError;
use crate::host::Host;
use crate::link::Link;
use crate::reply::{self, Head};
use crate::route::{Incoming, KEY_HEADER, Refusal, Route, route};
use crate::timing::Timing;
use crate::{body, key, log};

const SCHEME: &str = "bulkhead";
/// Largest body of `/host`: a clipboard text.
const HOST_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Refusals that are logged; a page gone wild must not fill the log.
const REFUSALS_LOGGED_MAX: u32 = 200;

/// What every document of this window says alike.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) runtime_dir: PathBuf,
    /// `window/1`.
    pub(crate) name: String,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) sandbox: serde_json::Value,
    /// Started with `BULKHEAD_DRILL=1`.
    pub(crate) drill: bool,
}

#[derive(Debug)]
struct Generation {
    key: String,
    link: Option<Link>,
}

/// The scheme's handler. Lives on the main thread as long as the window.
#[derive(Debug)]
pub(crate) struct Bridge {
    setting: Setting,
    assets: Assets,
    host: Rc<Host>,
    timing: Rc<Timing>,
    generation: RefCell<Option<Generation>>,
    crash: RefCell<Option<Crash>>,
    refusals: Cell<u32>,
}

impl Bridge {
    pub(crate) fn new(setting: Setting, host: Rc<Host>, timing: Rc<Timing>) -> Rc<Self> {
        Rc::new(Self {
            setting,
            assets: Assets::default(),
            host,
            timing,
            generation: RefCell::new(None),
            crash: RefCell::new(None),
            refusals: Cell::new(0),
        })
    }

    /// Registers the scheme on `context`, which must not have loaded anything yet.
    ///
    /// # Errors
    /// `window/webkit` when the context has no security manager.
    pub(crate) fn register(self: &Rc<Self>, context: &WebContext) -> Result<(), WindowError> {
        let security = context.security_manager().ok_or_else(|| {
            WindowError::new("window/webkit", "WebKit's context has no security manager")
        })?;
        security.register_uri_scheme_as_secure(SCHEME);
        security.register_uri_scheme_as_cors_enabled(SCHEME);
        let bridge = Rc::clone(self);
        context.register_uri_scheme(SCHEME, move |request| bridge.serve(request));
        Ok(())
    }

    /// The page is gone: its link ends, and the next document is told why it was loaded.
    pub(crate) fn page_ended(&self, crash: Crash) {
        self.end_generation();
        self.crash.replace(Some(crash));
    }

    /// Ends the page's link and key.
    pub(crate) fn end_generation(&self) {
        if let Some(link) = self.generation.take().and_then(|generation| generation.link) {
            link.end();
        }
    }

    fn serve(self: &Rc<Self>, request: &URISchemeRequest) {
        let incoming = read(request);
        let decision = {
            let generation = self.generation.borrow();
            route(&incoming, generation.as_ref().map(|generation| generation.key.as_str()))
        };
        match decision {
            Ok(Route::Document) => {
                self.timing.reach("document asked for");
                self.document(request);
            }
            Ok(Route::Asset(name)) => self.asset(request, &name),
            Ok(Route::Down) => {
                self.timing.reach("page script ran");
                self.down(request);
            }
            Ok(Route::Up) => self.up(request),
            Ok(Route::Host) => self.host(request),
            Err(refusal) => self.refuse(request, &refusal),
        }
    }

    fn document(&self, request: &URISchemeRequest) {
        self.end_generation();
        let (Ok(key), Ok(nonce)) = (key::fresh(), key::fresh()) else {
            let reason = "the kernel gives no randomness".to_owned();
            return self.refuse(request, &Refusal { status: 500, reason });
        };
        let boot = Boot {
            mode: "window",
            key: &key,
            scheme: self.host.scheme(),
            env: &self.setting.env,
            sandbox: self.setting.sandbox.clone(),
            version: env!("CARGO_PKG_VERSION"),
            window: &self.setting.name,
            drill: self.setting.drill,
            crash: self.crash.take(),
        };
        let html = document::with_boot(&self.assets.document(), &boot, &nonce);
        let head = Head { nonce: Some(&nonce), ..Head::new(200, "text/html; charset=utf-8") };
        reply::bytes(request, head, &glib::Bytes::from_owned(html.into_bytes()));
        self.generation.replace(Some(Generation { key, link: None }));
    }

    fn asset(&self, request: &URISchemeRequest, name: &str) {
        match self.assets.find(name) {
            Some(asset) => reply::bytes(request, Head::new(200, asset.content_type), &asset.bytes),
            None => {
                let reason = format!("no such file: {name:?}");
                self.refuse(request, &Refusal { status: 404, reason });
            }
        }
    }

    fn down(&self, request: &URISchemeRequest) {
        match Link::open(&self.setting.runtime_dir) {
            Ok((link, stream)) => {
                let previous = self
                    .generation
                    .borrow_mut()
                    .as_mut()
                    .and_then(|generation| generation.link.replace(link));
                if let Some(previous) = previous {
                    previous.end();
                }
                let head = Head::new(200, "application/octet-stream");
                reply::stream(request, head, &stream, reply::ENDLESS);
            }
            Err(error) => {
                let reason = format!("the hub is away: {error}");
                self.refuse(request, &Refusal { status: 503, reason });
            }
        }
    }

    fn up(self: &Rc<Self>, request: &URISchemeRequest) {
        let generation = self.generation.borrow();
        let link = generation.as_ref().and_then(|generation| generation.link.clone());
        let Some(link) = link else {
            return self.refuse(request, &gone("there is no link; ask for /down first"));
        };
        if link.is_sending() {
            return self.refuse(request, &gone("another /up is under way: one at a time"));
        }
        let (bridge, request, sent) = (Rc::clone(self), request.clone(), request.http_body());
        glib::MainContext::default().spawn_local(async move {
            let outcome = match body::read(sent, body::BODY_BYTES_MAX).await {
                Ok(bytes) => link.send(bytes).await.map_err(|error| {
                    link.end();
                    gone(&error)
                }),
                Err(refusal) => Err(refusal),
            };
            match outcome {
                Ok(()) => reply::nothing(&request),
                Err(refusal) => bridge.refuse(&request, &refusal),
            }
        });
    }

    fn host(self: &Rc<Self>, request: &URISchemeRequest) {
        let (bridge, request, sent) = (Rc::clone(self), request.clone(), request.http_body());
        glib::MainContext::default().spawn_local(async move {
            let outcome = match body::read(sent, HOST_BYTES_MAX).await {
                Ok(bytes) => bridge.host.answer(&bytes).await,
                Err(refusal) => Err(refusal),
            };
            match outcome {
                Ok(Some(value)) => reply::json(&request, &value),
                Ok(None) => reply::nothing(&request),
                Err(refusal) => bridge.refuse(&request, &refusal),
            }
        });
    }

    fn refuse(&self, request: &URISchemeRequest, refusal: &Refusal) {
        let count = self.refusals.get().saturating_add(1);
        self.refusals.set(count);
        if count <= REFUSALS_LOGGED_MAX {
            let uri = request.uri().unwrap_or_default();
            log::line(&format!("refused {uri}: {} {}", refusal.status, refusal.reason));
        }
        reply::refuse(request, refusal);
    }
}

fn gone(reason: &str) -> Refusal {
    Refusal { status: 409, reason: reason.to_owned() }
}

fn read(request: &URISchemeRequest) -> Incoming {
    let headers = request.http_headers();
    let header = |name: &str| {
        headers.as_ref().and_then(|headers| headers.one(name)).map(|value| value.to_string())
    };
    Incoming {
        method: request.http_method().unwrap_or_default().to_string(),
        uri: request.uri().unwrap_or_default().to_string(),
        origin: header("Origin"),
        key: header(KEY_HEADER),
        content_type: header("Content-Type"),
    }
}

//! Which requests the scheme answers, and which it refuses. Pure: text in, decision out.
//!
//! A frame of a foreign or opaque origin reaches the scheme's handler without any preflight. What stops it is here: its
//! `Origin` header, the key it cannot read, and that no reply carries an `Access-Control-Allow-Origin`.
use crate::key;

/// The only origin that is served.
pub(crate) const ORIGIN: &str = "bulkhead://app";
/// Address of the document.
pub(crate) const HOME: &str = "bulkhead://app/";
/// Header that carries the document's key.
pub(crate) const KEY_HEADER: &str = "x-bulkhead-key";

/// A request as WebKit hands it over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) origin: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) content_type: Option<String>,
}

/// What to do with a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Document,
    Asset(String),
    Down,
    Up,
    Host,
}

/// A request that is not served.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u32,
    pub(crate) reason: String,
}

/// Decides. `current` is the key of the document shown now, if one was served.
///
/// # Errors
/// A refusal with its HTTP status and the offending value.
pub(crate) fn route(incoming: &Incoming, current: Option<&str>) -> Result<Route, Refusal> {
    if let Some(origin) = incoming.origin.as_deref().filter(|origin| *origin != ORIGIN) {
        return Err(refuse(403, format!("origin {origin:?} is not {ORIGIN:?}")));
    }
    let path = path_of(&incoming.uri)?;
    match path {
        "/down" => {
            expect_method(incoming, "GET")?;
            expect_key(incoming, current)?;
            Ok(Route::Down)
        }
        "/up" => {
            expect_method(incoming, "POST")?;
            expect_key(incoming, current)?;
            expect_type(incoming, "application/octet-stream")?;
            Ok(Route::Up)
        }
        "/host" => {
            expect_method(incoming, "POST")?;
            expect_key(incoming, current)?;
            expect_type(incoming, "application/json")?;
            Ok(Route::Host)
        }
        "/" | "/index.html" => expect_method(incoming, "GET").map(|()| Route::Document),
        other => {
            expect_method(incoming, "GET")?;
            Ok(Route::Asset(other.trim_start_matches('/').to_owned()))
        }
    }
}

fn path_of(uri: &str) -> Result<&str, Refusal> {
    let rest = uri
        .strip_prefix(ORIGIN)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
        .ok_or_else(|| refuse(404, format!("{uri:?} is not under {HOME:?}")))?;
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    Ok(rest.get(..end).filter(|path| !path.is_empty()).unwrap_or("/"))
}

fn expect_method(incoming: &Incoming, wanted: &str) -> Result<(), Refusal> {
    if incoming.method == wanted {
        return Ok(());
    }
    Err(refuse(405, format!("method {:?} is not {wanted}", incoming.method)))
}

fn expect_key(incoming: &Incoming, current: Option<&str>) -> Result<(), Refusal> {
    match (incoming.key.as_deref(), current) {
        (Some(sent), Some(current)) if key::same(sent, current) => Ok(()),
        (None, _) => Err(refuse(403, format!("{KEY_HEADER} is missing"))),
        (Some(_), _) => Err(refuse(403, format!("{KEY_HEADER} is not the key of this document"))),
    }
}

fn expect_type(incoming: &Incoming, wanted: &str) -> Result<(), Refusal> {
    let sent = incoming.content_type.as_deref().unwrap_or("");
    let essence = sent.split(';').next().unwrap_or("").trim();
    if essence.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(refuse(415, format!("content type {sent:?} is not {wanted}")))
}

fn refuse(status: u32, reason: String) -> Refusal {
    Refusal { status, reason }
}

#[cfg(test)]
mod tests {
    use super::{Incoming, Route, route};

    const KEY: &str = "0123456789abcdef";

    fn request(method: &str, path: &str) -> Incoming {
        Incoming {
            method: method.into(),
            uri: format!("bulkhead://app{path}"),
            key: Some(KEY.into()),
            content_type: Some("application/octet-stream".into()),
            origin: None,
        }
    }

    fn status(incoming: &Incoming) -> u32 {
        route(incoming, Some(KEY)).unwrap_err().status
    }

    #[test]
    fn the_bridge_is_served_with_the_right_key() {
        assert_eq!(route(&request("GET", "/down"), Some(KEY)), Ok(Route::Down));
        assert_eq!(route(&request("POST", "/up"), Some(KEY)), Ok(Route::Up));
        let host = Incoming {
            content_type: Some("application/json; charset=utf-8".into()),
            ..request("POST", "/host")
        };
        assert_eq!(route(&host, Some(KEY)), Ok(Route::Host));
    }

    #[test]
    fn the_document_and_assets_need_no_key() {
        let bare = Incoming { key: None, ..request("GET", "/?plain") };
        assert_eq!(route(&bare, None), Ok(Route::Document));
        let asset = Incoming { key: None, ..request("GET", "/assets/a.js") };
        assert_eq!(route(&asset, None), Ok(Route::Asset("assets/a.js".into())));
    }

    #[test]
    fn a_foreign_origin_is_refused_even_with_the_key() {
        for origin in ["null", "https://evil.example", "bulkhead://app.evil", "bulkhead://other"] {
            let incoming = Incoming { origin: Some(origin.into()), ..request("POST", "/up") };
            assert_eq!(status(&incoming), 403, "{origin}");
        }
    }

    #[test]
    fn wrong_keys_methods_and_types_are_refused() {
        assert_eq!(status(&Incoming { key: None, ..request("GET", "/down") }), 403);
        let other = Incoming { key: Some("x".repeat(16)), ..request("GET", "/down") };
        assert_eq!(status(&other), 403);
        assert_eq!(route(&request("GET", "/down"), None).unwrap_err().status, 403);
        assert_eq!(status(&request("POST", "/down")), 405);
        assert_eq!(status(&request("GET", "/up")), 405);
        assert_eq!(status(&request("PUT", "/assets/a.js")), 405);
        let text = Incoming { content_type: Some("text/plain".into()), ..request("POST", "/up") };
        assert_eq!(status(&text), 415);
    }

    #[test]
    fn another_host_of_the_scheme_is_not_found() {
        let incoming = Incoming { uri: "bulkhead://app.evil/".into(), ..request("GET", "/") };
        assert_eq!(status(&incoming), 404);
    }
}

//! Answers to requests of the scheme, with the headers all of them carry.
use gio::prelude::IsA;
use soup::{MessageHeaders, MessageHeadersType};
use webkit2gtk::{URISchemeRequest, URISchemeRequestExt, URISchemeResponse, URISchemeResponseExt};

use crate::route::Refusal;

/// Length of a body that never ends.
pub(crate) const ENDLESS: i64 = -1;

/// Everything of the page comes from this origin: no frames, no plugins, no evaluation, no other address.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; \
         frame-src 'none'; object-src 'none'; base-uri 'none'"
    )
}

/// What is sent beside the body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) status: u32,
    pub(crate) content_type: &'a str,
    /// Nonce of the document's own script; other answers have none.
    pub(crate) nonce: Option<&'a str>,
}

impl<'a> Head<'a> {
    pub(crate) fn new(status: u32, content_type: &'a str) -> Self {
        Self { status, content_type, nonce: None }
    }
}

/// Answers with `body`; `length` is its bytes or [`ENDLESS`].
pub(crate) fn stream(
    request: &URISchemeRequest,
    head: Head<'_>,
    body: &impl IsA<gio::InputStream>,
    length: i64,
) {
    let response = URISchemeResponse::new(body, length);
    response.set_status(head.status, None);
    response.set_content_type(head.content_type);
    let headers = MessageHeaders::new(MessageHeadersType::Response);
    headers.append("Content-Type", head.content_type);
    headers.append("X-Content-Type-Options", "nosniff");
    headers.append("Cache-Control", "no-store");
    headers.append("Referrer-Policy", "no-referrer");
    headers.append("Content-Security-Policy", &policy(head.nonce.unwrap_or("none")));
    response.set_http_headers(headers);
    request.finish_with_response(&response);
}

/// Answers with the bytes at hand.
pub(crate) fn bytes(request: &URISchemeRequest, head: Head<'_>, body: &glib::Bytes) {
    let length = i64::try_from(body.len()).unwrap_or(ENDLESS);
    stream(request, head, &gio::MemoryInputStream::from_bytes(body), length);
}

/// Answers with JSON.
pub(crate) fn json(request: &URISchemeRequest, value: &serde_json::Value) {
    let body = glib::Bytes::from_owned(value.to_string().into_bytes());
    bytes(request, Head::new(200, "application/json"), &body);
}

/// 204.
pub(crate) fn nothing(request: &URISchemeRequest) {
    bytes(request, Head::new(204, "application/octet-stream"), &glib::Bytes::from_static(b""));
}

/// Refuses, with the reason as text.
pub(crate) fn refuse(request: &URISchemeRequest, refusal: &Refusal) {
    let body = glib::Bytes::from_owned(refusal.reason.clone().into_bytes());
    bytes(request, Head::new(refusal.status, "text/plain; charset=utf-8"), &body);
}

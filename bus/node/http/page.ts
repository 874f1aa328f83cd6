/** The documents of browser mode and the headers that fence them in. */

/** Placeholder in `dist/ui/index.html` that the boot block replaces. */
const BOOT_MARK = "<!--boot-->";

/** Headers of every answer. `host` is already known to be loopback. */
export function commonHeaders(): Record<string, string> {
  return {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  };
}

/** Headers of a document: the window's policy, and the WebSocket of this very host. */
export function documentHeaders(host: string, nonce: string): Record<string, string> {
  return {
    ...commonHeaders(),
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": [
      "default-src 'self'",
      `script-src 'self' 'nonce-${nonce}'`,
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "font-src 'self'",
      `connect-src 'self' ws://${host}`,
      "worker-src 'self' blob:",
      "frame-src 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ].join("; "),
  };
}

/** The page behind the token: it moves on by itself and needs no script. */
export function movingPage(key: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Bulkhead</title><meta http-equiv="refresh" content="0; url=/s/${key}/"></head>
<body><p><a href="/s/${key}/">Continue to Bulkhead</a></p></body>
</html>
`;
}

/** A plain answer for people. */
export function plainPage(sentence: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bulkhead</title></head><body><p>${sentence}</p></body></html>\n`;
}

/** Puts the boot block into the built document. */
export function withBoot(
  html: string,
  boot: Readonly<Record<string, unknown>>,
  nonce: string,
): string {
  // "<" as an escape: no value can end the block early.
  const json = JSON.stringify(boot).replaceAll("<", "\\u003c");
  const block = `<script nonce="${nonce}" id="boot" type="application/json">${json}</script>`;
  return html.replace(BOOT_MARK, () => block);
}

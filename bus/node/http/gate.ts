/**
 * Who may ask what of the browser-mode server. Pure: the request's head in, a decision out.
 *
 * A page of any web site can send requests to 127.0.0.1; what it cannot do is name our Host (DNS rebinding
 * ends there), forge its Origin, or guess 256 bits in a path.
 */

/** Head of a request. */
export interface RequestHead {
  readonly method: string;
  /** Path with query, as sent. */
  readonly url: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Purpose` or `Purpose`: a guess of the browser, not an act of a person. */
  readonly purpose: string | undefined;
}

/** What the request gets. Reasons carry no secret: they go to the log. */
export type Decision =
  | { readonly kind: "open"; readonly token: string }
  | { readonly kind: "document"; readonly key: string }
  | { readonly kind: "bus"; readonly key: string }
  | { readonly kind: "asset"; readonly key: string; readonly path: string }
  | { readonly kind: "refused"; readonly status: 400 | 403 | 404 | 405; readonly why: string };

const URL_CHARS_MAX = 2048;
const SECRET = /^[0-9a-f]{64}$/;

/** Judges a request to the server that listens on `port`. Keys and tokens are only well-formed, not yet checked. */
export function judge(head: RequestHead, port: number): Decision {
  const { host, origin } = head;
  if (host === undefined || !isLoopback(host, port)) {
    return refused(403, `Host "${cut(host)}" is not this machine's loopback with port ${port}`);
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return refused(403, `Origin "${cut(origin)}" is not http://${host}`);
  }
  if (head.method !== "GET" && head.method !== "HEAD") {
    return refused(405, `method ${cut(head.method)}, expected GET`);
  }
  if (head.url.length > URL_CHARS_MAX) {
    return refused(400, `path of ${head.url.length} characters, at most ${URL_CHARS_MAX}`);
  }
  const [path = ""] = head.url.split("?", 1);
  return judgePath(head, path);
}

function judgePath(head: RequestHead, path: string): Decision {
  const [empty, first = "", secret = "", ...rest] = path.split("/");
  if (empty !== "" || !SECRET.test(secret)) return refused(404, "no such path");
  if (first === "open" && rest.length === 0) {
    if (head.method !== "GET" || head.purpose !== undefined) {
      return refused(403, "a look ahead does not use the address up");
    }
    return { kind: "open", token: secret };
  }
  if (first !== "s" || rest.length === 0) return refused(404, "no such path");
  const below = rest.join("/");
  if (below === "") return { kind: "document", key: secret };
  if (below === "bus") return { kind: "bus", key: secret };
  return { kind: "asset", key: secret, path: below };
}

function isLoopback(host: string, port: number): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].some(
    (name) => host.toLowerCase() === `${name}:${port}`,
  );
}

function refused(status: 400 | 403 | 404 | 405, why: string): Decision {
  return { kind: "refused", status, why };
}

function cut(text: string | undefined): string {
  return text === undefined ? "(none)" : text.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, "?");
}

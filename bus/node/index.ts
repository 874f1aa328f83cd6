/** The bus in Node: transports over sockets. */
export { inheritedTransport, LINK_FD } from "./inherited.ts";
export { HIGH_WATER_BYTES, socketTransport } from "./socket.ts";
export {
  checkSocketPath,
  connectUnix,
  listenUnix,
  readToken,
  SOCKET_PATH_BYTES_MAX,
  TOKEN_BYTES,
  type UnixServer,
} from "./unix.ts";

/** Transports of a page: the window's bridge and a WebSocket. */
export { openWebSocket, type WebSocketOptions } from "./web-socket.ts";
export { type BridgeOptions, openBridge } from "./window-bridge.ts";

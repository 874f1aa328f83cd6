/** The link a process was born with: a socketpair as descriptor 3. */
import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import { BusCode, BusError } from "../errors.ts";
import type { Transport } from "../transport.ts";
import { socketTransport } from "./socket.ts";

/** Where the link to the hub lies. */
export const LINK_FD = 3;

/** A transport over an inherited socket. @throws BusError `bus/closed` when `fd` is not a socket. */
export function inheritedTransport(fd: number = LINK_FD): Transport {
  let isSocket = false;
  try {
    isSocket = fstatSync(fd).isSocket();
  } catch (error) {
    throw new BusError(
      BusCode.closed,
      `file descriptor ${fd} is not open: start this program through the hub`,
      { cause: error },
    );
  }
  if (!isSocket)
    throw new BusError(
      BusCode.closed,
      `file descriptor ${fd} is no socket: start this program through the hub`,
    );
  return socketTransport(new Socket({ fd, readable: true, writable: true }));
}

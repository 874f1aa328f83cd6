/** Two other ways to call another process, each direct: vscode-jsonrpc over a pipe pair, zeromq.js over ipc. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import * as rpc from "vscode-jsonrpc/node";
import { Dealer } from "zeromq";
import { decodeValue, encodeValue } from "../../../bus/codec.ts";
import { type Message, message, roundTrips } from "./work.ts";

/** Messages zeromq may queue; above what is in flight, so that none is dropped. */
const QUEUE_MESSAGES = 10_000;

const [rival, address = ""] = import.meta.main ? process.argv.slice(2) : [];
if (rival === "jsonrpc") answerJsonRpc();
else if (rival === "zeromq") await answerZeroMq(address);

/** Round trips per second over vscode-jsonrpc. */
export async function jsonRpcRate(ms: number): Promise<number> {
  const child = startChild(["jsonrpc"]);
  if (child.stdout === null || child.stdin === null) throw new Error("the child has no pipes");
  const connection = rpc.createMessageConnection(
    new rpc.StreamMessageReader(child.stdout),
    new rpc.StreamMessageWriter(child.stdin),
  );
  connection.listen();
  try {
    return await roundTrips((id) => connection.sendRequest("echo", message(id)), ms);
  } finally {
    connection.dispose();
    child.kill();
  }
}

/** Round trips per second over zeromq.js, the same MessagePack payloads. */
export async function zeroMqRate(ms: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "zmq-"));
  const socketAddress = `ipc://${folder}/s`;
  const socket = new Dealer({
    sendHighWaterMark: QUEUE_MESSAGES,
    receiveHighWaterMark: QUEUE_MESSAGES,
    linger: 0,
  });
  await socket.bind(socketAddress);
  const child = startChild(["zeromq", socketAddress]);
  const waiting = new Map<number, (value: unknown) => void>();
  const reading = (async () => {
    for await (const [bytes] of socket) {
      const answer = decodeValue(bytes ?? new Uint8Array(0)) as Message;
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    }
  })();
  const send = oneAtATime((bytes: Uint8Array) => socket.send(bytes));
  try {
    return await roundTrips((id) => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      waiting.set(id, resolve);
      send(encodeValue(message(id)));
      return promise;
    }, ms);
  } finally {
    socket.close();
    await reading.catch(() => {});
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function startChild(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [import.meta.filename, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
}

function answerJsonRpc(): void {
  const connection = rpc.createMessageConnection(
    new rpc.StreamMessageReader(process.stdin),
    new rpc.StreamMessageWriter(process.stdout),
  );
  connection.onRequest("echo", (input: unknown) => input);
  connection.listen();
}

async function answerZeroMq(socketAddress: string): Promise<void> {
  const socket = new Dealer({
    sendHighWaterMark: QUEUE_MESSAGES,
    receiveHighWaterMark: QUEUE_MESSAGES,
  });
  socket.connect(socketAddress);
  const send = oneAtATime((bytes: Uint8Array) => socket.send(bytes));
  for await (const [bytes] of socket) send(encodeValue(decodeValue(bytes ?? new Uint8Array(0))));
}

/** zeromq.js refuses a second send while one waits for room. */
function oneAtATime(send: (bytes: Uint8Array) => Promise<void>): (bytes: Uint8Array) => void {
  const queue: Uint8Array[] = [];
  let isSending = false;
  const pump = async (): Promise<void> => {
    isSending = true;
    for (let bytes = queue.shift(); bytes !== undefined; bytes = queue.shift()) await send(bytes);
    isSending = false;
  };
  return (bytes) => {
    queue.push(bytes);
    if (!isSending) void pump();
  };
}

/** A whole served instance with its real root, and a page of it in Chromium where one is wanted. */
import { join } from "node:path";
import type { CDPSession, Page } from "playwright-core";
import { connectPeer } from "../../../bus/client.ts";
import { connectUnix, readToken } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";
import { makeFolders } from "../../bench/app/folders.ts";
import { startInstance } from "../../bench/app/instance.ts";
import { launch, prompt } from "../../browser/open-page.ts";

/** What a drill works on; ended when its work is done. */
export interface Served {
  /** Only processes of this instance have it as XDG_RUNTIME_DIR. */
  readonly marker: string;
  /** Folder the shells start in. */
  readonly workspace: string;
  /** A client of the hub over its socket, as the command line is one. */
  readonly peer: Peer;
}

/** The same with its page, whose first terminal has a prompt. */
export interface ServedPage extends Served {
  readonly page: Page;
  readonly cdp: CDPSession;
}

/** Runs `work` on an instance without a page. `env` comes over its own variables. */
export async function withServed<T>(
  work: (served: Served) => Promise<T>,
  env: NodeJS.ProcessEnv = {},
): Promise<T> {
  return withInstance((served) => work(served), env);
}

/** Runs `work` on an instance and its page. `script` runs in the page before anything of ours. */
export async function withServedPage<T>(
  work: (served: ServedPage) => Promise<T>,
  script?: () => void,
): Promise<T> {
  return withInstance(async (served, url) => {
    const browser = await launch();
    try {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      const page = await context.newPage();
      if (script !== undefined) await page.addInitScript(script);
      const cdp = await context.newCDPSession(page);
      await page.goto(url);
      await page.waitForURL(/\/s\//);
      await prompt(page);
      return await work({ ...served, page, cdp });
    } finally {
      await browser.close();
    }
  });
}

async function withInstance<T>(
  work: (served: Served, url: string) => Promise<T>,
  env: NodeJS.ProcessEnv = {},
): Promise<T> {
  const folders = makeFolders();
  try {
    const app = startInstance("serve", folders, env);
    try {
      const url = await app.url();
      const { marker, workspace, runtimeDir } = folders;
      const peer = await attach(runtimeDir);
      try {
        return await work({ marker, workspace, peer }, url);
      } finally {
        peer.close();
      }
    } finally {
      await app.end();
    }
  } finally {
    folders.remove();
  }
}

async function attach(runtimeDir: string): Promise<Peer> {
  const token = await readToken(join(runtimeDir, "token"));
  const transport = await connectUnix(join(runtimeDir, "hub.sock"));
  return connectPeer(transport, { hello: { name: "cli", pid: process.pid, token } });
}

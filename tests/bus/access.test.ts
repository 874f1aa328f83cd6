/** Manifests and principals: the hub refuses, as a dead letter, and says so. */
import { describe, expect, test } from "vitest";
import { Access, mayNarrow } from "../../bus/broker/access.ts";
import { Kind } from "../../bus/protocol.ts";
import { CHILDREN } from "../../bus/supervision/children.ts";
import { ALL, anyMethod, anyTopic, errorOf, settled, testHub } from "./harness.ts";

const read = anyMethod("guard.read");

describe("a manifest", () => {
  test("lets an actor call what it names and nothing else", async () => {
    const hub = testHub();
    const guard = await hub.actor("guard");
    guard.peer.handle(read, () => "text");
    guard.peer.handle(anyMethod("guard.write"), () => "no");
    const actor = await hub.actor("actor", {
      manifest: { ...ALL, calls: ["guard.read", "hub.*"] },
    });
    expect(await actor.peer.request(read, 1)).toBe("text");
    expect(await errorOf(actor.peer.requestRaw("guard.write", 1))).toMatchObject({
      code: "bus/denied",
      message: "actor may not call guard.write",
    });
    expect(hub.dead).toMatchObject([{ reason: "denied", source: "actor", subject: "guard.write" }]);
  });

  test("takes away with an exclamation mark", async () => {
    const hub = testHub();
    await hub.actor("root");
    const ui = await hub.edge();
    expect(await errorOf(ui.requestRaw("root.quit", {}))).toMatchObject({ code: "bus/denied" });
    const access = new Access({ calls: [], publishes: [], subscribes: [">", "!secret.>"] });
    expect(access.maySubscribe("news.*")).toBe(true);
    expect(access.maySubscribe("secret.keys")).toBe(false);
    expect(access.maySubscribe("*.keys")).toBe(false);
  });

  test("refuses publishing and subscribing as dead letters to the sender", async () => {
    const hub = testHub();
    const actor = await hub.actor("actor", {
      manifest: { calls: [], publishes: ["actor.>"], subscribes: ["actor.*"] },
    });
    actor.peer.publish(anyTopic("actor.fine"), 1);
    actor.peer.publish(anyTopic("hub.notices"), 1);
    actor.peer.subscribe(anyTopic("actor.fine"), () => {});
    actor.peer.subscribe(anyTopic("actor.>"), () => {});
    await settled();
    expect(actor.dead).toMatchObject([
      { reason: "denied", kind: Kind.publish, subject: "hub.notices" },
      { reason: "denied", kind: Kind.subscribe, subject: "actor.>" },
    ]);
  });

  test("keeps edge peers from publishing under another name", async () => {
    const hub = testHub();
    const ui = await hub.edge();
    ui.publish(anyTopic("terminal.sessions"), []);
    await settled();
    expect(hub.dead).toMatchObject([
      { reason: "denied", source: "ui/1", subject: "terminal.sessions" },
    ]);
  });

  test("with something that is no pattern is refused when it is given", () => {
    expect(() => new Access({ calls: ["Not ok"], publishes: [], subscribes: [] })).toThrow(
      '"Not ok" is no pattern',
    );
  });
});

describe("a principal", () => {
  test("of an edge peer is set by the hub, whatever the peer claims", async () => {
    const hub = testHub();
    const guard = await hub.actor("guard");
    guard.peer.handle(read, (_, call) => call.principal ?? null);
    const ui = await hub.edge();
    expect(await ui.request(read, 1)).toBe("person");
    const page = await hub.edge({ principal: "mcp:page" });
    expect(await page.request(read, 1)).toBe("mcp:page");
  });

  test("is absent when an actor acts for itself", async () => {
    const hub = testHub();
    const guard = await hub.actor("guard");
    guard.peer.handle(read, (_, call) => call.principal ?? null);
    const actor = await hub.actor("actor");
    expect(await actor.peer.request(read, 1)).toBe(null);
  });

  test("can be passed on while the call that gave it is under way, and not after", async () => {
    const hub = testHub();
    const guard = await hub.actor("guard");
    guard.peer.handle(read, (_, call) => call.principal ?? null);
    const actor = await hub.actor("actor");
    let late: () => Promise<unknown> = async () => undefined;
    actor.peer.handle(anyMethod("actor.do"), (_, call) => {
      late = () => actor.peer.request(read, 1, { within: call });
      return actor.peer.request(read, 1, { within: call });
    });
    const ui = await hub.edge();
    expect(await ui.request(anyMethod("actor.do"), 1)).toBe("person");
    expect(await errorOf(late())).toMatchObject({ code: "bus/denied" });
  });

  test("is never more than a program's for an actor that works for programs", async () => {
    const hub = testHub();
    const guard = await hub.actor("guard");
    guard.peer.handle(read, (_, call) => call.principal ?? null);
    const editor = await hub.actor("editor");
    editor.peer.handle(anyMethod("editor.read"), (_, call) =>
      editor.peer.request(read, 1, { within: call }),
    );
    const model = await hub.actor("model", { manifest: { ...ALL, actsAs: "agent" } });
    expect(await model.peer.request(read, 1)).toBe("agent");
    expect(await model.peer.request(anyMethod("editor.read"), 1)).toBe("agent");
    model.peer.handle(anyMethod("model.ask"), (_, call) =>
      model.peer.request(read, 1, { within: call }),
    );
    const ui = await hub.edge();
    expect(await ui.request(anyMethod("model.ask"), 1)).toBe("agent");
    const server = await hub.edge({ principal: "mcp:files" });
    expect(await server.request(anyMethod("model.ask"), 1)).toBe("mcp:files");
  });

  test("of the actors that work for programs is never absent", () => {
    const actsAs = new Map(CHILDREN.map(({ name, manifest }) => [name, manifest.actsAs]));
    expect([actsAs.get("model"), actsAs.get("mcp")]).toEqual(["agent", "agent"]);
    expect(actsAs.get("editor-sync")).toBeUndefined();
  });

  test("that was not given is refused", async () => {
    const hub = testHub();
    await hub.actor("guard");
    const raw = hub.raw("raw");
    raw.hello();
    raw.send(
      { kind: Kind.request, correlation: 1 },
      { extension: { subject: "guard.read", principal: "person" } },
    );
    await settled();
    expect(hub.dead).toMatchObject([
      { reason: "denied", message: 'raw was not given the principal "person"' },
    ]);
  });

  test("may be an actor's own by its manifest, and narrower ones with it", async () => {
    const hub = testHub();
    const guard = await hub.actor("guard");
    guard.peer.handle(read, (_, call) => call.principal ?? null);
    const raw = hub.raw("model", { manifest: { ...ALL, principals: ["agent"] } });
    raw.hello();
    for (const [index, principal] of ["agent", "mcp:files", "person", "root"].entries()) {
      raw.send(
        { kind: Kind.request, correlation: index + 1 },
        { extension: { subject: "guard.read", principal } },
      );
    }
    await settled();
    expect(raw.of(Kind.reply).map((frame) => frame.correlation)).toEqual([1, 2]);
    expect(raw.of(Kind.error).map((frame) => frame.correlation)).toEqual([3, 4]);
  });

  test("only ever gets narrower", () => {
    const order = ["person", "agent", "mcp:a"];
    for (const [wide, w] of order.map((name, index) => [name, index] as const)) {
      for (const [narrow, n] of order.map((name, index) => [name, index] as const))
        expect(mayNarrow(wide, narrow)).toBe(w <= n);
    }
    expect(mayNarrow("mcp:a", "mcp:b")).toBe(false);
  });
});

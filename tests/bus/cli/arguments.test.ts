import { describe, expect, it } from "vitest";
import { parseInvocation, wholeNumberFlag } from "../../../bus/cli/arguments.ts";
import { readActorRequest } from "../../../bus/cli/commands/actor.ts";
import { readCallRequest } from "../../../bus/cli/commands/call.ts";
import { readTapRequest } from "../../../bus/cli/commands/tap.ts";
import { CommandError, Exit } from "../../../bus/cli/exit.ts";

const argv = (line: string): string[] => (line === "" ? [] : line.split(" "));

/** What a usage error says, or "" when there is none. */
function complaint(work: () => unknown): string {
  try {
    work();
    return "";
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    expect(error.exit).toBe(Exit.usage);
    return error.message.split("\n")[0] ?? "";
  }
}

describe("a command line that fits", () => {
  it.each([
    ["", "open", []],
    ["open", "open", []],
    ["open src/main.ts:12:3", "open", ["src/main.ts:12:3"]],
    ["--json ps", "ps", []],
    ["ps --json", "ps", []],
    ["--runtime-dir /tmp/x serve --port 8080 .", "serve", ["."]],
    ["actor kill keeper --end-shells", "actor", ["kill", "keeper"]],
    ["call hub.info {} --timeout=500", "call", ["hub.info", "{}"]],
    ["tap --filter src=terminal --count 3 --past", "tap", []],
    ["quit --all", "quit", []],
    ["help actor", "help", ["help", "actor"]],
    ["ps --help", "help", ["ps"]],
    ["--version", "version", []],
    ["mcp tools --server x", "mcp", []],
  ])("'%s' is %s %j", (line, command, words) => {
    expect(parseInvocation(argv(line))).toMatchObject({ command, words });
  });

  it("gives the flags that every command takes", () => {
    const parsed = parseInvocation(argv("ps --json --runtime-dir /run/x"));
    expect(parsed).toMatchObject({ json: true, runtimeDir: "/run/x" });
  });

  it("takes what follows -- as words", () => {
    expect(parseInvocation(argv("call -- hub.info -1")).words).toEqual(["hub.info", "-1"]);
  });
});

describe("a command line that does not fit names the word", () => {
  it.each([
    ["sp", "unknown command: sp"],
    ["ps --jsno", "unknown flag: --jsno"],
    ["ps -x", "unknown flag: -x"],
    ["ps --past", "unknown flag for ps: --past"],
    ["ps terminal", "ps: one word too many: terminal"],
    ["open a b", "open: one word too many: b"],
    ["actor kill", "actor needs kill|restart|suspend|resume|freeze|park|retry NAME, got kill"],
    ["actor", "actor needs kill|restart|suspend|resume|freeze|park|retry NAME, got nothing"],
    ["call", "call needs SUBJECT [JSON], got nothing"],
    ["call hub.info --timeout", "--timeout needs a value: --timeout MS"],
    ["call hub.info --timeout --json", "--timeout needs a value: --timeout MS"],
    ["ps --json=yes", "--json takes no value, got yes"],
    ["ps --runtime-dir", "--runtime-dir needs a value: --runtime-dir DIR"],
  ])("'%s': %s", (line, says) => {
    expect(complaint(() => parseInvocation(argv(line)))).toBe(says);
  });

  it.each(["0", "-5", "1.5", "1e3", "abc", "65536", "99999999999999999999"])(
    "--port=%s with its bounds",
    (text) => {
      const from = parseInvocation(["serve", `--port=${text}`]);
      expect(complaint(() => wholeNumberFlag(from, "port", { min: 1, max: 65535 }))).toBe(
        `--port ${text}: must be a whole number from 1 to 65535`,
      );
    },
  );
});

describe("actor", () => {
  const read = (line: string) => readActorRequest(parseInvocation(argv(line)));

  it("reads act and name", () => {
    expect(read("actor freeze model")).toEqual({ act: "freeze", name: "model", endShells: false });
  });

  it("asks for --end-shells only where shells end", () => {
    expect(read("actor kill keeper --end-shells").endShells).toBe(true);
    expect(complaint(() => read("actor kill terminal --end-shells"))).toContain("--end-shells");
    expect(complaint(() => read("actor freeze keeper --end-shells"))).toContain("--end-shells");
  });

  it("names an act it does not know", () => {
    expect(complaint(() => read("actor murder terminal"))).toMatch(/^actor: unknown act: murder/);
  });
});

describe("call", () => {
  const read = (...words: string[]) => readCallRequest(parseInvocation(["call", ...words]));

  it("reads subject, input and deadline", () => {
    const request = read("terminal.create", '{"cols": 80}', "--timeout", "250");
    expect(request).toEqual({ subject: "terminal.create", input: { cols: 80 }, timeoutMs: 250 });
  });

  it("sends an empty map and waits 30 s unless told otherwise", () => {
    expect(read("hub.info")).toEqual({ subject: "hub.info", input: {}, timeoutMs: 30_000 });
  });

  it("takes the name of an edge peer as part of a subject", () => {
    expect(read("ui/1.show").subject).toBe("ui/1.show");
  });

  it.each(["hub", "Hub.info", "hub..info", "hub.info.", "*.info", `hub.${"a".repeat(200)}`])(
    "refuses the subject %s",
    (subject) => expect(complaint(() => read(subject))).toContain(`not a subject: ${subject}`),
  );

  it("names the JSON that is none", () => {
    expect(complaint(() => read("hub.info", "{a: 1}"))).toContain("call: not JSON: {a: 1}");
  });

  it("refuses a deadline past 24 hours", () => {
    expect(complaint(() => read("hub.info", "--timeout", "86400001"))).toContain("86400000");
  });
});

describe("tap", () => {
  const read = (line: string) => readTapRequest(parseInvocation(argv(line)));

  it("is endless and unfiltered unless told otherwise", () => {
    expect(read("tap")).toEqual({ filter: "", past: false, count: 0 });
  });

  it("refuses a count of nothing", () => {
    expect(complaint(() => read("tap --count 0"))).toContain("--count 0");
  });
});

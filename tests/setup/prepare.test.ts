import { describe, expect, it } from "vitest";
import { installCommand, runPackages, testPackages } from "../../shell/setup/debian.mjs";
import { firstMismatch } from "../../shell/setup/prepare.mjs";

describe("npm packages are as locked", () => {
  const lock = {
    packages: {
      "": { name: "bulkhead" },
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b-darwin": { version: "2.0.0", optional: true },
    },
  };
  const installed = (packages: Record<string, { version: string }>) => ({ packages });
  const there = (): boolean => true;

  it("when every package is there in its version; others' platforms may be away", () => {
    const now = installed({ "node_modules/a": { version: "1.0.0" } });
    expect(firstMismatch(lock, now, there)).toBeUndefined();
  });

  it("not when one has another version", () => {
    const now = installed({ "node_modules/a": { version: "1.0.1" } });
    expect(firstMismatch(lock, now, there)).toBe("node_modules/a");
  });

  it("not when one is missing from the list, or its folder from the disk", () => {
    expect(firstMismatch(lock, installed({}), there)).toBe("node_modules/a");
    const now = installed({ "node_modules/a": { version: "1.0.0" } });
    expect(firstMismatch(lock, now, () => false)).toBe("node_modules/a");
  });
});

describe("Debian packages", () => {
  it("have a reason each and stand in one list only", () => {
    const all = [...Object.entries(runPackages), ...Object.entries(testPackages)];
    expect(all.filter(([, reason]) => reason.length < 8)).toEqual([]);
    expect(new Set(all.map(([name]) => name)).size).toBe(all.length);
  });

  it("are named with the command that installs them", () => {
    expect(installCommand(["a", "b"])).toBe(
      "sudo apt-get update && sudo apt-get install -y --no-install-recommends a b",
    );
  });
});

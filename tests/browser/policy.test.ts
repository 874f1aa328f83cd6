/** A policy that cannot be honoured: files stay closed, the page says where it is wrong, and opens them when it is right. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { act } from "../../bus/contracts/hub.ts";
import { withPage } from "./open-page.ts";
import { write } from "./repository.ts";

const WAIT = { timeout: 30_000 };

it("closes all files, names file and line, opens it, and tries again", () =>
  withPage(async ({ page, workspace }) => {
    const policy = join(workspace.configDir, "policy.json");
    write(workspace, "open.txt", "plain\n");
    await page.locator('.explorer-row[data-name="open.txt"]').waitFor(WAIT);
    writeFileSync(policy, '{"rules": [\n{"id": "a", "deny": ["x", "[!a]"]}]}');
    const peer = await workspace.attach();
    await peer.request(act, { name: "file-guard", act: "restart", endShells: false });
    peer.close();
    const banner = page.getByTestId("banner-file-guard").first();
    await banner.waitFor(WAIT);
    expect(await banner.locator("strong").textContent()).toMatch(
      /^Files are closed: policy\.json line 2, deny: pattern "\[!a\]": .* not supported.*\.$/,
    );
    await banner.getByRole("button", { name: "Open policy.json" }).click();
    await page.locator(".tab").nth(1).waitFor(WAIT);
    writeFileSync(policy, '{"rules": []}');
    await banner.getByRole("button", { name: "Try again" }).click();
    await banner.waitFor({ ...WAIT, state: "detached" });
    write(workspace, "more.txt", "");
    await page.locator('.explorer-row[data-name="more.txt"]').waitFor(WAIT);
  }));

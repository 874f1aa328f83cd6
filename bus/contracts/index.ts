/** All contracts by actor, and the table the hub routes by. */
import type { CaptureClass, WhenRestarting } from "./define.ts";
import * as editorSync from "./editor-sync.ts";
import * as fileGuard from "./file-guard.ts";
import * as git from "./git.ts";
import * as hub from "./hub.ts";
import * as keeper from "./keeper.ts";
import * as mcp from "./mcp.ts";
import * as model from "./model.ts";
import * as root from "./root.ts";
import * as runner from "./runner.ts";
import * as terminal from "./terminal.ts";

export { editorSync, fileGuard, git, hub, keeper, mcp, model, root, runner, terminal };

/** What the hub needs to know of a subject without decoding anything. */
export interface SubjectRule {
  readonly type: "method" | "topic" | "stream";
  readonly whenRestarting: WhenRestarting;
  readonly capture: CaptureClass;
  readonly changes: "nothing" | "something";
}

/** Rules by subject. A subject not in it gets fail, normal, something. */
export const subjectRules: ReadonlyMap<string, SubjectRule> = collectRules();

function collectRules(): Map<string, SubjectRule> {
  const rules = new Map<string, SubjectRule>();
  for (const file of [
    editorSync,
    fileGuard,
    git,
    hub,
    keeper,
    mcp,
    model,
    root,
    runner,
    terminal,
  ]) {
    for (const entry of Object.values(file)) {
      if (typeof entry !== "object" || !("subject" in entry)) continue;
      rules.set(entry.subject, {
        type: entry.type,
        whenRestarting: "whenRestarting" in entry ? entry.whenRestarting : "drop",
        capture: entry.capture,
        changes: "changes" in entry ? entry.changes : "nothing",
      });
    }
  }
  return rules;
}

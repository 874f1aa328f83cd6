import { describe, expect, it } from "vitest";
import { type WithSession, waitUntilClosed } from "../../../bus/cli/commands/wait.ts";
import { BusCode, BusError } from "../../../bus/errors.ts";
import { type TestWorld, testWorld } from "./world.ts";

type Answer = { state: "pending" | "open" | "closed"; isDirty: boolean } | Error;

/** Sessions whose calls are answered one after the other; each takes `ms`. */
function answering(world: TestWorld, answers: Answer[], ms: number, asked: string[]): WithSession {
  return async (work) => {
    const peer = {
      request: async (_method: unknown, input: { seen: string }) => {
        asked.push(input.seen);
        await world.wait(ms);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof Error) throw answer;
        return answer;
      },
    };
    return work({ peer, world } as unknown as Parameters<typeof work>[0]);
  };
}

const open: Answer = { state: "open", isDirty: false };
const pending: Answer = { state: "pending", isDirty: false };
const died = new BusError(BusCode.down, "the editor died");

describe("open --wait", () => {
  it("returns when the file was shown and closed, whoever died meanwhile", async () => {
    const world = testWorld();
    const asked: string[] = [];
    const answers = [pending, died, open, open, died, died, { state: "closed", isDirty: false }];
    await waitUntilClosed("/a", world, answering(world, answers as Answer[], 100, asked));
    expect(asked).toEqual(["pending", "pending", "pending", "open", "open", "open", "open"]);
  });

  it("fails when it was closed with edits that were not saved", async () => {
    const world = testWorld();
    const answers: Answer[] = [open, { state: "closed", isDirty: true }];
    const done = waitUntilClosed("/a", world, answering(world, answers, 100, []));
    await expect(done).rejects.toMatchObject({ exit: 1, message: expect.stringContaining("/a") });
  });

  it("gives up on a file that no window shows, and on a process that stays away", async () => {
    const world = testWorld();
    const never = waitUntilClosed("/a", world, answering(world, [pending], 25_000, []));
    await expect(never).rejects.toMatchObject({ exit: 124 });
    const away = waitUntilClosed("/a", world, answering(world, [died], 1, []));
    await expect(away).rejects.toMatchObject({ exit: 1 });
  });
});

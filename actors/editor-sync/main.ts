/** The editor-sync actor: a supervised process whose work is not built yet. It says so and answers nothing else. */
import { editorSync } from "../../bus/contracts/index.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import { runActor } from "../runtime/index.ts";

const SAYS = "The editor is not built yet: this process runs, but it holds no documents.";

runActor({
  name: "editor-sync",
  start({ peer }) {
    peer.handle(editorSync.status, () => ({ built: false, says: SAYS }));
    for (const method of [editorSync.open]) {
      peer.handle<never, never>(method as never, () => {
        throw new BusError(BusCode.notImplemented, `${method.subject}: ${SAYS}`);
      });
    }
  },
});

/** The file-guard actor: a supervised process whose work is not built yet. It says so and answers nothing else. */
import { fileGuard } from "../../bus/contracts/index.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import { runActor } from "../runtime/index.ts";

const SAYS = "Files are not built yet: this process runs, but it opens nothing.";

runActor({
  name: "file-guard",
  start({ peer }) {
    peer.handle(fileGuard.status, () => ({ built: false, says: SAYS }));
    for (const method of [fileGuard.list, fileGuard.read, fileGuard.check]) {
      peer.handle<never, never>(method as never, () => {
        throw new BusError(BusCode.notImplemented, `${method.subject}: ${SAYS}`);
      });
    }
  },
});

/** The model actor: a supervised process whose work is not built yet. It says so and answers nothing else. */
import { model } from "../../bus/contracts/index.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import { runActor } from "../runtime/index.ts";

const SAYS = "Models are not built yet: this process runs, but it talks to none.";

runActor({
  name: "model",
  start({ peer }) {
    peer.handle(model.status, () => ({ built: false, says: SAYS }));
    for (const method of [model.list]) {
      peer.handle<never, never>(method as never, () => {
        throw new BusError(BusCode.notImplemented, `${method.subject}: ${SAYS}`);
      });
    }
  },
});

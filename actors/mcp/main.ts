/** The mcp actor: a supervised process whose work is not built yet. It says so and answers nothing else. */
import { mcp } from "../../bus/contracts/index.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import { runActor } from "../runtime/index.ts";

const SAYS = "MCP is not built yet: this process runs, but it starts no servers.";

runActor({
  name: "mcp",
  start({ peer }) {
    peer.handle(mcp.status, () => ({ built: false, says: SAYS }));
    for (const method of [mcp.list]) {
      peer.handle<never, never>(method as never, () => {
        throw new BusError(BusCode.notImplemented, `${method.subject}: ${SAYS}`);
      });
    }
  },
});

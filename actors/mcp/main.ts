/** The mcp actor: a supervised process whose work is not built yet. It says so and refuses the rest. */
import { mcp } from "../../bus/contracts/index.ts";
import { runActor, serveNotBuilt } from "../runtime/index.ts";

const SAYS = "MCP is not built yet: this process runs, but it starts no servers.";

runActor({ name: "mcp", start: (ctx) => serveNotBuilt(ctx, mcp, SAYS) });

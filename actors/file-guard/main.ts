/** The file-guard actor: a supervised process whose work is not built yet. It says so and refuses the rest. */
import { fileGuard } from "../../bus/contracts/index.ts";
import { runActor, serveNotBuilt } from "../runtime/index.ts";

const SAYS = "Files are not built yet: this process runs, but it opens nothing.";

runActor({ name: "file-guard", start: (ctx) => serveNotBuilt(ctx, fileGuard, SAYS) });

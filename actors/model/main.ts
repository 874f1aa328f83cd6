/** The model actor: a supervised process whose work is not built yet. It says so and refuses the rest. */
import { model } from "../../bus/contracts/index.ts";
import { runActor, serveNotBuilt } from "../runtime/index.ts";

const SAYS = "Models are not built yet: this process runs, but it talks to none.";

runActor({ name: "model", start: (ctx) => serveNotBuilt(ctx, model, SAYS) });

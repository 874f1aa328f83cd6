/** The editor-sync actor: a supervised process whose work is not built yet. It says so and refuses the rest. */
import { editorSync } from "../../bus/contracts/index.ts";
import { runActor, serveNotBuilt } from "../runtime/index.ts";

const SAYS = "The editor is not built yet: this process runs, but it holds no documents.";

runActor({ name: "editor-sync", start: (ctx) => serveNotBuilt(ctx, editorSync, SAYS) });

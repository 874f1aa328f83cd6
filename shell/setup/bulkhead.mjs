#!/usr/bin/env node
/** `npx bulkhead ...` in the checkout: hands everything to the built program. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { become } from "./become.mjs";
import { dist } from "./paths.mjs";

const program = join(dist, "bin", "bulkhead");
if (existsSync(program)) {
  become([program, ...process.argv.slice(2)]);
} else {
  process.stderr.write("bulkhead: not built yet: run npm start first\n");
  process.exitCode = 1;
}

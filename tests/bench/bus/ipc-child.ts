/** Answers child_process messages. */
import process from "node:process";

process.on("message", (message) => process.send?.(message));

/** Entry of the page: theme first, then the connection, then the shell. */
import { render } from "solid-js/web";
import { readBoot } from "./boot.ts";

const root = document.getElementById("app");
if (root !== null) render(() => <main>{readBoot(document).mode}</main>, root);

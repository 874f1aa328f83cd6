/** Builds the page into dist/ui: relative addresses, every asset a file of its own, nothing inline (the CSP forbids it). */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import solid from "vite-plugin-solid";
import { dockviewCss } from "./build/dockview-css.ts";
import { iconSprite } from "./build/icon-sprite.ts";
import { ICONS } from "./icons.ts";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [solid(), dockviewCss(), iconSprite(ICONS)],
  worker: { format: "es" },
  build: {
    outDir: fileURLToPath(new URL("../dist/ui", import.meta.url)),
    emptyOutDir: true,
    target: "es2024",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
  },
});

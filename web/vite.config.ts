import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig, type Plugin } from "vite";
import solid from "vite-plugin-solid";

/** What nearly every page needs; nothing that draws on a canvas or opens a dialog. */
const KIT = [
  "web/ui/(?:button|figure|format|icons|keyboard|level-mark|maybe-link|meter|narrow|notice|scale|seen|segments|select)\\.",
  "web/api/(?:answer|client|errors|org-context|url)\\.",
  "web/state/(?:clock|extension|inventory|live|live-protocol|preferences|reduce|series|session)\\.",
  "web/features/overview/(?:current-problems|figures|machine-status|problems)\\.",
  "web/features/resource/(?:children|kinds|later-list|own-facts|path|status|status-mark|tags)\\.",
  "web/features/(?:machine/(?:facts|units)|resources/figures|rules/section|settings/links|shell/resource-origin)\\.",
  "node_modules/(?:solid-js|@solidjs/router|@trpc/client|@trpc/server)/",
];

/** Tables of resources, wherever they stand. */
const LIST =
  /web\/features\/(?:resources\/(?:cell|columns|main-figures?|rows|table)|resource\/resource-list)\./;

/**
 * Beside each file its smallest form. That takes too long for a server that has to answer: it makes a larger one of what
 * has none.
 */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir = "" }, bundle) {
      for (const name of Object.keys(bundle).filter((file) => /\.(?:js|css|html)$/.test(file))) {
        const path = join(dir, name);
        writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path)));
      }
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [solid(), tailwindcss(), compressed()],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Nothing may be inlined as a data: URL, nor anything injected as a script: the CSP forbids both.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // A chunk's name says nothing about what is in it: also names are read by whoever has no use for it.
    rolldownOptions: {
      input: {
        index: join(import.meta.dirname, "index.html"),
        "service-worker": join(import.meta.dirname, "push/service-worker.ts"),
      },
      // It does nothing by being loaded, and does not say so: what is not used of it stays out.
      treeshake: { moduleSideEffects: (id) => !id.includes("node_modules/@trpc/client/") },
      output: {
        // A service worker keeps its address, and is for what is below it.
        entryFileNames: ({ name }) =>
          name === "service-worker" ? "service-worker.js" : "assets/[name]-[hash].js",
        chunkFileNames: "assets/[hash].js",
        // What nearly every page draws with comes in one piece: a file costs more than the little that is in it.
        codeSplitting: {
          groups: [
            { name: "kit", test: new RegExp(KIT.join("|")), priority: 2 },
            { name: "list", test: LIST, priority: 1 },
          ],
        },
      },
    },
  },
  worker: { format: "es" },
  server: {
    proxy: { "/api": "http://127.0.0.1:7655" },
  },
});

import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";
import solid from "vite-plugin-solid";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [solid(), tailwindcss()],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Nothing may be inlined as a data: URL, nor anything injected as a script: the CSP forbids both.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // A chunk's name says nothing about what is in it: also names are read by whoever has no use for it.
    rolldownOptions: { output: { chunkFileNames: "assets/[hash].js" } },
  },
  worker: { format: "es" },
  server: {
    proxy: { "/api": "http://127.0.0.1:7655" },
  },
});

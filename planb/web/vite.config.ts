import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Django serves the page and finds the hashed files through the manifest, so there is no index.html here.
export default defineConfig({
  base: "/static/web/",
  plugins: [lingui({ failOnCompileError: true, macroTransform: true }), react()],
  build: {
    outDir: "../static/web",
    emptyOutDir: true,
    manifest: ".vite/manifest.json",
    target: "es2023",
    // The polyfill is an inline script in some set-ups, and every supported browser has modulepreload.
    modulePreload: { polyfill: false },
    rolldownOptions: { input: "src/app/main.tsx" },
  },
  test: {
    projects: [
      {
        extends: true,
        test: { name: "client", environment: "node", include: ["src/client/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "screens",
          environment: "jsdom",
          include: ["src/{react,app}/**/*.test.{ts,tsx}"],
        },
      },
    ],
  },
});

import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import elementPlus from "unplugin-element-plus/vite";
import { defineConfig } from "vite";

export const base = {
  plugins: [vue(), elementPlus({})],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
};

export default defineConfig({
  ...base,
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy allows no data: addresses
    modulePreload: { polyfill: false }, // the polyfill would be an inline script in old tool versions
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      output: {
        manualChunks: (id: string): string | undefined => {
          if (id.includes("node_modules/echarts") || id.includes("node_modules/zrender")) return "charts";
          if (id.includes("node_modules/element-plus") || id.includes("node_modules/@element-plus")) return "widgets";
          if (id.includes("node_modules/")) return "frame";
          return undefined;
        },
      },
    },
  },
});

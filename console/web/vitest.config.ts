import { defineConfig } from "vitest/config";
import { base } from "./vite.config";

export default defineConfig({ ...base, test: { include: ["test/**/*.test.ts"], environment: "node" } });

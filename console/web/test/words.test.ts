import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { en } from "@/i18n/en";
import { zh } from "@/i18n/zh";

const SRC = join(import.meta.dirname, "../src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => /\.(vue|ts)$/.test(name));
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!).sort();

describe("the words of the page", () => {
  it("take the same values in both languages", () => {
    for (const word of Object.keys(zh) as (keyof typeof zh)[]) expect([word, placeholders(en[word])]).toEqual([word, placeholders(zh[word])]);
  });

  it("stand in the table, not in the components", () => {
    const chinese = /[\u4e00-\u9fff]/;
    const found = files
      .filter((name) => name.endsWith(".vue"))
      .filter((name) => chinese.test(readFileSync(join(SRC, name), "utf8").replace(/<!--[\s\S]*?-->/g, "")));
    expect(found).toEqual([]);
  });
});

describe("what a caller said", () => {
  it("is never rendered as markup", () => {
    const found = files.filter((name) => /v-html|innerHTML/.test(readFileSync(join(SRC, name), "utf8")));
    expect(found).toEqual([]);
  });
});

/** The page in two languages. What the city writes (units, categories, articles) and what a ticket holds stays. */
import { computed, ref, watchEffect } from "vue";
import { en } from "./en";
import { zh, type Word } from "./zh";

export type Language = "zh" | "en";
export type { Word };

const KEPT = "hotline.language"; // a preference, nothing personal

function kept(): Language {
  try {
    return localStorage.getItem(KEPT) === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}

export const language = ref<Language>(typeof localStorage === "undefined" ? "zh" : kept());

const words = computed<Record<Word, string>>(() => (language.value === "en" ? en : zh));

/** The words for a key, with {name} replaced. */
export function t(word: Word, values: Record<string, string | number> = {}): string {
  return words.value[word].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The words for a key as a ticket holds them, whatever language its agent reads. */
export function written(word: Word): string {
  return zh[word];
}

export function switchLanguage(): void {
  language.value = language.value === "zh" ? "en" : "zh";
  try {
    localStorage.setItem(KEPT, language.value);
  } catch {
    // a browser without storage forgets the choice, nothing else
  }
}

if (typeof document !== "undefined") {
  watchEffect(() => {
    document.documentElement.lang = language.value === "en" ? "en" : "zh-CN";
    document.title = t("app.title");
  });
}

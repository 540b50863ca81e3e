/**
 * One text being edited by a person. While the field has the focus nothing from outside changes what is typed; it is
 * handed over on leaving or on Enter, never while an input method composes, and only when it was changed.
 */
import { computed, ref, watch, type Ref } from "vue";
import { composing, type Pressed } from "@/keys/table";

export interface Edit {
  text: Ref<string>;
  /** What came from outside meanwhile, when it differs from what the person began with. */
  newer: Ref<string>;
  focus(): void;
  blur(): void;
  input(value: string): void;
  /** True when the key was used up. */
  key(event: Pick<Pressed, "key" | "ctrlKey" | "metaKey" | "altKey" | "isComposing" | "keyCode">, lines: boolean): boolean;
  takeNewer(): void;
}

export function useEdit(shown: () => string, commit: (text: string) => void): Edit {
  const text = ref(shown());
  const editing = ref(false);
  const base = ref(text.value); // what stood there when the person began, or last handed over

  watch(shown, (now) => {
    if (!editing.value) text.value = base.value = now;
  });

  function hand(): void {
    if (text.value.trim() === base.value.trim()) return;
    base.value = text.value;
    commit(text.value.trim());
  }

  return {
    text,
    newer: computed(() => (editing.value && shown() !== base.value && shown() !== text.value.trim() ? shown() : "")),
    focus() {
      editing.value = true;
      base.value = text.value;
    },
    blur() {
      editing.value = false;
      if (text.value.trim() === base.value.trim()) text.value = base.value = shown();
      else hand();
    },
    input(value) {
      text.value = value;
    },
    key(event, lines) {
      if (composing(event) || event.altKey) return false;
      if (event.key === "Enter" && (!lines || event.ctrlKey || event.metaKey)) {
        hand();
        return true;
      }
      if (event.key === "Escape" && text.value !== base.value) {
        text.value = base.value;
        return true;
      }
      return false;
    },
    takeNewer() {
      text.value = base.value = shown();
    },
  };
}

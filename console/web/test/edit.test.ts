import { effectScope, nextTick, ref } from "vue";
import { describe, expect, it } from "vitest";
import { useEdit, type Edit } from "@/state/edit";

const scope = effectScope();

function field(start: string): { edit: Edit; outside: ReturnType<typeof ref<string>>; handed: string[] } {
  const outside = ref(start);
  const handed: string[] = [];
  const edit = scope.run(() => useEdit(() => outside.value ?? "", (text) => handed.push(text)))!;
  return { edit, outside, handed };
}

const key = (name: string, more = {}) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, keyCode: 0, ...more });

describe("a field in nobody's hand", () => {
  it("shows what comes", async () => {
    const { edit, outside } = field("机器");
    outside.value = "机器二";
    await nextTick();
    expect(edit.text.value).toBe("机器二");
  });
});

describe("a field being edited", () => {
  it("keeps what is typed, whatever comes", async () => {
    const { edit, outside } = field("机器");
    edit.focus();
    edit.input("人");
    outside.value = "机器二";
    await nextTick();
    expect(edit.text.value).toBe("人");
    expect(edit.newer.value).toBe("机器二");
  });

  it("is handed over once on leaving, when it was changed", () => {
    const { edit, handed } = field("机器");
    edit.focus();
    edit.input("人工 ");
    edit.blur();
    expect(handed).toEqual(["人工"]);
  });

  it("is not handed over when nothing was changed, and then shows what came meanwhile", async () => {
    const { edit, outside, handed } = field("机器");
    edit.focus();
    outside.value = "机器二";
    await nextTick();
    edit.blur();
    expect(handed).toEqual([]);
    expect(edit.text.value).toBe("机器二");
  });

  it("can be emptied", () => {
    const { edit, handed } = field("机器");
    edit.focus();
    edit.input("");
    edit.blur();
    expect(handed).toEqual([""]);
  });

  it("goes back on Escape", () => {
    const { edit, handed } = field("机器");
    edit.focus();
    edit.input("人");
    expect(edit.key(key("Escape"), false)).toBe(true);
    edit.blur();
    expect([edit.text.value, handed]).toEqual(["机器", []]);
  });

  it("takes the machine's newer value only when asked", async () => {
    const { edit, outside, handed } = field("机器");
    edit.focus();
    edit.input("人");
    outside.value = "机器二";
    await nextTick();
    edit.takeNewer();
    edit.blur();
    expect([edit.text.value, handed]).toEqual(["机器二", []]);
  });
});

describe("Enter", () => {
  it("hands over a single line", () => {
    const { edit, handed } = field("");
    edit.focus();
    edit.input("望湖路");
    expect(edit.key(key("Enter"), false)).toBe(true);
    edit.blur();
    expect(handed).toEqual(["望湖路"]);
  });

  it("is a line break where several lines are wanted, unless Control is held", () => {
    const { edit, handed } = field("");
    edit.focus();
    edit.input("一");
    expect(edit.key(key("Enter"), true)).toBe(false);
    expect(edit.key(key("Enter", { ctrlKey: true }), true)).toBe(true);
    expect(handed).toEqual(["一"]);
  });

  it("belongs to the input method while it composes", () => {
    const { edit, handed } = field("");
    edit.focus();
    edit.input("wang'hu");
    expect(edit.key(key("Enter", { isComposing: true }), false)).toBe(false);
    expect(edit.key(key("Enter", { keyCode: 229 }), false)).toBe(false);
    expect(edit.key(key("Escape", { isComposing: true }), false)).toBe(false);
    expect([handed, edit.text.value]).toEqual([[], "wang'hu"]);
  });
});

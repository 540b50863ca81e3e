import { describe, expect, it } from "vitest";
import { en } from "@/i18n/en";
import { zh } from "@/i18n/zh";
import { match, SHORTCUTS, type Pressed } from "@/keys/table";

function press(more: Partial<Pressed>): Pressed {
  return { code: "", key: "", altKey: false, shiftKey: false, ctrlKey: false, metaKey: false, isComposing: false, keyCode: 0, ...more };
}

describe("the shortcut table", () => {
  it("holds no two shortcuts on the same keys", () => {
    const keys = SHORTCUTS.map((each) => `${each.shift ? "shift+" : ""}${each.code}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("says what each one does, in both languages", () => {
    for (const each of SHORTCUTS) {
      expect(zh).toHaveProperty([`key.${each.id}`]);
      expect(en).toHaveProperty([`key.${each.id}`]);
    }
  });

  it("takes none of the keys that browsers keep for themselves with Alt", () => {
    const kept = ["KeyD", "KeyE", "KeyF", "Home", "ArrowLeft", "ArrowRight", "F4", "Tab", "Space"];
    expect(SHORTCUTS.filter((each) => kept.includes(each.code))).toEqual([]);
  });
});

describe("a key press", () => {
  it("means its shortcut by place on the keyboard, whatever character it makes", () => {
    expect(match(press({ code: "KeyA", key: "å", altKey: true }), false)).toBe("accept");
  });

  it("means nothing without Alt", () => {
    expect(match(press({ code: "KeyA", key: "a" }), false)).toBeUndefined();
  });

  it("means nothing with Control or Meta", () => {
    expect(match(press({ code: "KeyA", altKey: true, ctrlKey: true }), false)).toBeUndefined();
    expect(match(press({ code: "KeyA", altKey: true, metaKey: true }), false)).toBeUndefined();
  });

  it("tells Shift apart", () => {
    expect(match(press({ code: "KeyM", altKey: true }), false)).toBe("next_matter");
    expect(match(press({ code: "KeyM", altKey: true, shiftKey: true }), false)).toBe("add_matter");
    expect(match(press({ code: "KeyA", altKey: true, shiftKey: true }), false)).toBeUndefined();
  });

  it("belongs to the input method while it composes", () => {
    for (const each of SHORTCUTS) {
      const pressed = press({ code: each.code, altKey: each.alt, shiftKey: Boolean(each.shift) });
      expect(match({ ...pressed, isComposing: true }, true)).toBeUndefined();
      expect(match({ ...pressed, keyCode: 229 }, true)).toBeUndefined();
    }
  });

  it("? opens the help, but is a character where text is typed", () => {
    expect(match(press({ key: "?", code: "Slash", shiftKey: true }), false)).toBe("help");
    expect(match(press({ key: "?", code: "Slash", shiftKey: true }), true)).toBeUndefined();
  });
});

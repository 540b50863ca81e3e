/** Every shortcut of the desk. The help page is this table. */

export interface Shortcut {
  id: ShortcutId;
  code: string; // KeyboardEvent.code, the same on every layout and under every input method
  alt: boolean;
  shift?: boolean;
  shown: string;
  group: "call" | "transcript" | "ticket" | "suggest" | "general";
}

export type ShortcutId =
  | "claim" | "previous_call" | "next_call" | "assist" | "emergency"
  | "transcript" | "newest" | "correct"
  | "form" | "missing" | "evidence" | "matter" | "next_matter" | "add_matter" | "unit" | "confirm" | "dismiss" | "new_ticket"
  | "suggestions" | "accept" | "edit" | "reject" | "article"
  | "help";

function alt(id: ShortcutId, code: string, group: Shortcut["group"], shown: string, shift = false): Shortcut {
  return { id, code, alt: true, shift, group, shown: `Alt + ${shift ? "Shift + " : ""}${shown}` };
}

export const SHORTCUTS: readonly Shortcut[] = [
  alt("claim", "KeyC", "call", "C"),
  alt("previous_call", "ArrowUp", "call", "↑"),
  alt("next_call", "ArrowDown", "call", "↓"),
  alt("assist", "KeyI", "call", "I"),
  alt("emergency", "KeyX", "call", "X"),
  alt("transcript", "KeyT", "transcript", "T"),
  alt("newest", "KeyL", "transcript", "L"),
  alt("correct", "KeyK", "transcript", "K"),
  alt("form", "KeyB", "ticket", "B"),
  alt("missing", "KeyG", "ticket", "G"),
  alt("evidence", "KeyV", "ticket", "V"),
  alt("next_matter", "KeyM", "ticket", "M"),
  alt("add_matter", "KeyM", "ticket", "M", true),
  alt("unit", "KeyU", "ticket", "U"),
  alt("confirm", "Enter", "ticket", "Enter"),
  alt("dismiss", "Backspace", "ticket", "Backspace"),
  alt("new_ticket", "KeyN", "ticket", "N"),
  alt("suggestions", "KeyS", "suggest", "S"),
  alt("accept", "KeyA", "suggest", "A"),
  alt("edit", "KeyW", "suggest", "W"),
  alt("reject", "KeyR", "suggest", "R"),
  alt("article", "KeyO", "suggest", "O"),
  { id: "help", code: "Slash", alt: true, group: "general", shown: "Alt + /  ·  ?" },
];

export interface Pressed {
  code: string;
  key: string;
  altKey: boolean;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  isComposing: boolean;
  keyCode: number;
}

/** While an input method composes, every key is its own. 229 is what browsers report for a key it has taken. */
export function composing(event: Pick<Pressed, "isComposing" | "keyCode">): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** The shortcut a key press means, if any. `typing`: the focus is in a field that takes text. */
export function match(event: Pressed, typing: boolean): ShortcutId | undefined {
  if (composing(event)) return undefined;
  if (event.ctrlKey || event.metaKey) return undefined;
  if (!event.altKey) return !typing && event.key === "?" ? "help" : undefined;
  return SHORTCUTS.find((each) => each.alt && each.code === event.code && Boolean(each.shift) === event.shiftKey)?.id;
}

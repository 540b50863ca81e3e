/** One listener for the page; views say what a shortcut does while they are there. */
import { onMounted, onUnmounted } from "vue";
import { match, type ShortcutId } from "./table";

type Handlers = Partial<Record<ShortcutId, () => void>>;
const stack: Handlers[] = [];

function typing(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return Boolean(element?.closest?.("input, textarea, select, [contenteditable=true]"));
}

/** A dialog on the page takes the keys: shortcuts of the desk behind it would act unseen. */
function covered(): boolean {
  return [...document.querySelectorAll<HTMLElement>(".el-overlay")].some((each) => each.style.display !== "none");
}

function onKey(event: KeyboardEvent): void {
  const id = match(event, typing(event.target));
  if (!id || event.defaultPrevented || (covered() && id !== "help")) return;
  for (let i = stack.length - 1; i >= 0; i -= 1) {
    const act = stack[i]![id];
    if (!act) continue;
    event.preventDefault();
    act();
    return;
  }
}

let listening = false;

export function useShortcuts(handlers: Handlers): void {
  onMounted(() => {
    if (!listening) {
      window.addEventListener("keydown", onKey);
      listening = true;
    }
    stack.push(handlers);
  });
  onUnmounted(() => {
    const at = stack.indexOf(handlers);
    if (at >= 0) stack.splice(at, 1);
  });
}

/** A list read page by page: the newest question wins, a late answer to an older one is dropped. */
import { ref, shallowRef } from "vue";

export function usePaged<Item, Page extends { total: number; next: string }>(
  read: (cursor: string) => Promise<Page>,
  items: (page: Page) => readonly Item[],
) {
  const rows = shallowRef<readonly Item[]>([]);
  const page = shallowRef<Page | null>(null);
  const busy = ref(false);
  const failed = ref("");
  let turn = 0;

  async function load(cursor: string): Promise<void> {
    const mine = ++turn;
    busy.value = true;
    failed.value = "";
    try {
      const got = await read(cursor);
      if (mine !== turn) return;
      rows.value = cursor ? [...rows.value, ...items(got)] : items(got);
      page.value = got;
    } catch (error) {
      if (mine === turn) failed.value = (error as Error).message || "?";
    } finally {
      if (mine === turn) busy.value = false;
    }
  }

  return { rows, page, busy, failed, again: () => load(""), more: () => load(page.value?.next ?? "") };
}

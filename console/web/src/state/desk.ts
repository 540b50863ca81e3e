/** What the parts of the call view share: the call, the matter in hand, evidence looked at, edits on their way. */
import { ElMessage } from "element-plus";
import { computed, inject, reactive, ref, shallowRef, type ComputedRef, type InjectionKey } from "vue";
import { commands, type Order } from "@/api/outbox";
import { t } from "@/i18n";
import type { Evidence, MatterView, Outcome } from "@/protocol.gen";
import { openCall } from "./call";
import { session } from "./session";

export interface Pending {
  value: string;
  label: string;
  version: number; // the matter's version that will contain it; 0 = not answered yet
}

export function createDesk(id: string) {
  const call = openCall(id);
  const view = computed(() => call.state.view);
  const picked = ref("");
  const matters = computed<MatterView[]>(() => view.value?.matters ?? []);
  const matter: ComputedRef<MatterView | undefined> = computed(
    () =>
      matters.value.find((each) => each.matter.id === picked.value) ??
      matters.value.find((each) => !each.matter.closed) ??
      matters.value[0],
  );
  const evidence = shallowRef<readonly Evidence[]>([]);
  const reveal = reactive({ utterance: "", turn: 0 });
  const chosen = reactive(new Set<string>());
  const pending = reactive(new Map<string, Pending>());
  const openers = { transcript: () => undefined as void, newest: () => undefined as void, correct: () => undefined as void };

  const readonly = computed(() => {
    const summary = view.value?.summary;
    if (!summary) return true;
    return summary.agent !== session.state.user?.user && !session.is("supervisor");
  });

  /** Gives a command and tells the person when it was refused. */
  async function give(order: Order): Promise<Outcome> {
    const outcome = await commands.give(order);
    if (outcome.status !== "ok" && outcome.status !== "stale") {
      ElMessage({ type: "error", message: t("app.failed", { why: outcome.message || outcome.code || outcome.status }), grouping: true });
    }
    return outcome;
  }

  async function edit(matterId: string, field: string, value: string, label = ""): Promise<void> {
    const key = `${matterId}/${field}`;
    const mine: Pending = { value, label: label || value, version: 0 };
    pending.set(key, mine);
    const outcome = await give({ type: "edit_field", call: id, matter: matterId, field, value, label });
    const still = pending.get(key);
    if (!still || still.value !== value) return;
    if (outcome.status !== "ok") pending.delete(key);
    else still.version = outcome.version ?? 0;
    settle();
  }

  /** An edit is no longer on its way once the draft that contains it is here. */
  function settle(): void {
    for (const [key, each] of pending) {
      const [matterId] = key.split("/");
      const now = matters.value.find((one) => one.matter.id === matterId);
      if (each.version && (!now || now.version >= each.version)) pending.delete(key);
    }
  }

  async function addMatter(): Promise<void> {
    const utterances = [...chosen];
    chosen.clear();
    const outcome = await give({ type: "add_matter", call: id, utterances });
    if (outcome.status === "ok" && outcome.matter) picked.value = outcome.matter;
  }

  return {
    id, call, view, matters, matter, picked, evidence, reveal, chosen, pending, openers, readonly, give, edit, settle, addMatter,
    show(utterance: string): void {
      reveal.utterance = utterance;
      reveal.turn += 1;
    },
  };
}

export type Desk = ReturnType<typeof createDesk>;
export const DESK: InjectionKey<Desk> = Symbol("desk");

export function useDesk(): Desk {
  const desk = inject(DESK);
  if (!desk) throw new Error("this part belongs into a call view");
  return desk;
}

/** The call list: own calls, waiting ones, ended ones with open drafts. Fed by the queue's and the agent's stream. */
import { computed, reactive, readonly } from "vue";
import { api } from "@/api/client";
import type { CallSummary, PushedFrame, TicketSummary } from "@/protocol.gen";
import { link } from "@/socket/link";
import { session } from "./session";

const state = reactive({ calls: new Map<string, CallSummary>(), made: [] as TicketSummary[], loaded: false });
const KEPT_TICKETS = 20;

// Each stream takes the whole list anew by itself: an answer must undo neither rows that came while it was on its way
// nor the answer to a later question.
const onTheirWay = new Set<CallSummary[]>();
let asked = 0;
let taken = 0;

async function snapshot(): Promise<undefined> {
  const turn = ++asked;
  const meanwhile: CallSummary[] = [];
  onTheirWay.add(meanwhile);
  try {
    const { calls } = await api.calls();
    if (turn < taken) return;
    taken = turn;
    state.calls = new Map([...calls, ...meanwhile].map((each) => [each.id, each]));
    state.loaded = true;
  } finally {
    onTheirWay.delete(meanwhile);
  }
}

function rows(pushed: PushedFrame[]): void {
  for (const row of pushed) {
    if (row.kind === "call") {
      state.calls.set(row.data.id, row.data);
      for (const meanwhile of onTheirWay) meanwhile.push(row.data);
    } else if (row.kind === "ticket") {
      state.made = [row.data, ...state.made.filter((each) => each.id !== row.data.id)].slice(0, KEPT_TICKETS);
    }
  }
}

const running = (call: CallSummary): boolean => call.state === "ringing" || call.state === "live";
const oldest = (a: CallSummary, b: CallSummary): number => a.started_at.localeCompare(b.started_at);
const newest = (a: CallSummary, b: CallSummary): number => oldest(b, a);
const all = computed(() => [...state.calls.values()]);
const me = computed(() => session.state.user?.user ?? "");

export const calls = {
  state: readonly(state),
  mine: computed(() => all.value.filter((each) => each.agent === me.value && running(each)).sort(newest)),
  waiting: computed(() => all.value.filter((each) => !each.agent && running(each)).sort(oldest)),
  open: computed(() =>
    all.value.filter((each) => !running(each) && each.open_matters > 0 && (each.agent === me.value || !each.agent)).sort(newest),
  ),
  done: computed(() =>
    all.value.filter((each) => !running(each) && each.open_matters === 0 && each.agent === me.value).sort(newest),
  ),
  others: computed(() => all.value.filter((each) => each.agent && each.agent !== me.value).sort(newest)),
  running: computed(() => all.value.filter(running).sort(newest)),
  waitingSince: (call: CallSummary): string => call.started_at,

  /** Follows the lists this person may see; returns the way to stop. */
  follow(): () => void {
    const user = session.state.user;
    if (!user) return () => undefined;
    const stops = [link.follow(`agent:${user.user}`, { rows, snapshot })];
    if (session.is("agent", "supervisor")) stops.push(link.follow("queue", { rows, snapshot }));
    if (session.is("supervisor")) stops.push(link.follow("floor", { rows, snapshot }));
    return () => stops.forEach((stop) => stop());
  },
};

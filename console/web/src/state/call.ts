/** One call as it stands at this desk: the snapshot, the rows after it, and the words still being spoken. */
import { reactive, readonly } from "vue";
import { api, Refused } from "@/api/client";
import type { AlertRaised, CallView, PartialFrame, PushedFrame } from "@/protocol.gen";
import { link } from "@/socket/link";
import type { Marker } from "@/socket/position";
import { inOrder, withoutCovered, withPartial, withUtterance, type Partials } from "./transcript";

export interface CallState {
  id: string;
  view: CallView | null;
  partials: Partials;
  alerts: AlertRaised[];
  missing: boolean; // the server has no such call for this person
}

/** Takes one row into the view. Pure but for the state it is given. */
export function applyRow(state: CallState, row: PushedFrame): void {
  const view = state.view;
  if (!view) return;
  switch (row.kind) {
    case "call":
      view.summary = row.data;
      if (row.data.state === "ended" || row.data.state === "heard") state.partials = {};
      return;
    case "utterance":
      view.utterances = withUtterance(view.utterances, row.data);
      state.partials = withoutCovered(state.partials, row.data);
      return;
    case "draft":
      view.matters = row.data.matters;
      view.risks = row.data.risks;
      view.note = row.data.note;
      view.feeling = row.data.feeling;
      view.summary = { ...view.summary, assist: row.data.assist };
      return;
    case "suggestions":
      view.suggestions = row.data.suggestions;
      return;
    case "alert":
      state.alerts = [...state.alerts.filter((each) => each.alert !== row.data.alert), row.data];
      return;
    case "decision":
      view.history = [...view.history.filter((each) => each.seq !== row.data.seq), row.data];
      return;
    case "gap":
      view.gaps = [...view.gaps, row.data];
      return;
    case "degraded":
      view.degraded = row.data.flags;
      return;
    case "ticket":
      return;
    default: {
      const never: never = row;
      void never;
    }
  }
}

export function emptyCall(id: string): CallState {
  return { id, view: null, partials: {}, alerts: [], missing: false };
}

export function takePartial(state: CallState, frame: PartialFrame): void {
  if (frame.call !== state.id || !state.view) return;
  state.partials = withPartial(state.partials, frame, state.view.utterances);
}

/** Opens a call; `close` stops following it. */
export function openCall(id: string) {
  const state = reactive(emptyCall(id)) as CallState;

  async function snapshot(): Promise<Marker | undefined> {
    try {
      const view = await api.call(id);
      view.utterances = inOrder(view.utterances);
      state.view = view;
      state.missing = false;
      for (const final of view.utterances) state.partials = withoutCovered(state.partials, final);
      return { epoch: view.epoch, offset: view.offset };
    } catch (error) {
      if (error instanceof Refused && (error.status === 404 || error.status === 403)) {
        state.missing = true;
        return undefined;
      }
      throw error;
    }
  }

  const stops = [
    link.follow(`call:${id}`, {
      rows: (rows) => rows.forEach((row) => applyRow(state, row)),
      snapshot,
      lost: () => (state.missing = true),
    }),
    link.onPartial((frame) => takePartial(state, frame)),
  ];
  return { state: readonly(state) as CallState, reload: snapshot, close: () => stops.forEach((stop) => stop()) };
}

import { describe, expect, it } from "vitest";
import type { PushedFrame } from "@/protocol.gen";
import { applyRow, emptyCall, takePartial, type CallState } from "@/state/call";
import { callView, partial, utterance } from "./frames";

type Kind = PushedFrame["kind"];

function open(): CallState {
  return { ...emptyCall("c1"), view: callView() };
}

function push(state: CallState, kind: Kind, data: unknown): void {
  applyRow(state, { t: "pushed", stream: "call:c1", epoch: "e1", offset: 1, kind, data } as PushedFrame);
}

describe("a call's view", () => {
  it("puts a final where its partial stood", () => {
    const state = open();
    takePartial(state, partial(1));
    push(state, "utterance", utterance("a", 1));
    expect(state.view!.utterances.map((each) => each.id)).toEqual(["a"]);
    expect(state.partials).toEqual({});
  });

  it("shows no partials of a call that has ended", () => {
    const state = open();
    takePartial(state, partial(1));
    push(state, "call", { ...state.view!.summary, state: "ended" });
    expect(state.partials).toEqual({});
  });

  it("takes no partials of another call", () => {
    const state = open();
    takePartial(state, partial(1, { call: "c2" }));
    expect(state.partials).toEqual({});
  });

  it("replaces the draft and the suggestions as a whole", () => {
    const state = open();
    push(state, "draft", { matters: [{ matter: { id: "m1" } }], risks: [], assist: false, revision: 3 });
    push(state, "suggestions", { suggestions: [{ suggestion: { id: "s1" } }] });
    expect(state.view!.matters).toHaveLength(1);
    expect(state.view!.summary.assist).toBe(false);
    expect(state.view!.suggestions).toHaveLength(1);
  });

  it("keeps each decision once", () => {
    const state = open();
    const entry = { seq: 4, at: "", actor: "u", actor_name: "", role: "agent", action: "noted", text: "" };
    push(state, "decision", entry);
    push(state, "decision", entry);
    expect(state.view!.history).toHaveLength(1);
  });

  it("keeps each alert once, the newest of a kind", () => {
    const state = open();
    push(state, "alert", { alert: "x", level: "urgent", label: "一" });
    push(state, "alert", { alert: "x", level: "critical", label: "二" });
    expect(state.alerts.map((each) => each.label)).toEqual(["二"]);
  });
});

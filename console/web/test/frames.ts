/** Frames and views as the server sends them, with only what a test cares about spelled out. */
import type { CallView, PartialFrame, PushedFrame, RecoveredFrame, UtteranceView } from "@/protocol.gen";

export function row(offset: number, epoch = "e1", stream = "call:c1"): PushedFrame {
  return { t: "pushed", stream, epoch, offset, kind: "degraded", data: { flags: [] } };
}

export function recovered(ok: boolean, offset: number, epoch = "e1"): RecoveredFrame {
  return { t: "recovered", stream: "call:c1", recovered: ok, epoch, offset };
}

export function utterance(id: string, start_s: number, more: Partial<UtteranceView> = {}): UtteranceView {
  return { id, leg: "caller", start_s, end_s: start_s + 1, text: id, model: "m", logprob: -0.2, flags: [], corrected_by: "", ...more };
}

export function partial(start_s: number, more: Partial<PartialFrame> = {}): PartialFrame {
  return { t: "partial", call: "c1", leg: "caller", segment: `s${start_s}`, rev: 1, start_s, stable: "喂", unstable: "", ...more };
}

export function callView(more: Partial<CallView> = {}): CallView {
  return {
    summary: {
      id: "c1", state: "live", started_at: "2026-11-21T02:00:00Z", ended_at: "", ani: "", agent: "u1", agent_name: "", queue: "",
      matters: 1, open_matters: 1, headline: "", urgency: "normal", risks: 0, assist: true,
    },
    utterances: [], matters: [], risks: [], suggestions: [], gaps: [], history: [], earlier: [], degraded: [], notice: "", note: [], feeling: null, epoch: "e1", offset: 0,
    ...more,
  };
}

/** The conversation as rows: finals in the order they were spoken, open partials after them. Pure. */
import type { Evidence, PartialFrame, UtteranceView } from "@/protocol.gen";

export type Partials = Record<string, PartialFrame>; // leg → newest

const TOLERANCE_S = 0.05; // seconds by which a final may begin after its partial did

/** Finals with `one` put in place: a newer version of a known utterance replaces it. */
export function withUtterance(finals: readonly UtteranceView[], one: UtteranceView): UtteranceView[] {
  const rest = finals.filter((each) => each.id !== one.id);
  let at = rest.length;
  while (at > 0 && later(rest[at - 1]!, one)) at -= 1;
  return [...rest.slice(0, at), one, ...rest.slice(at)];
}

export function inOrder(finals: readonly UtteranceView[]): UtteranceView[] {
  return [...finals].sort((a, b) => (later(a, b) ? 1 : later(b, a) ? -1 : 0));
}

function later(a: UtteranceView, b: UtteranceView): boolean {
  if (a.start_s !== b.start_s) return a.start_s > b.start_s;
  return a.id > b.id;
}

/** A final ends the partial of its leg that it covers. */
export function withoutCovered(partials: Partials, final: UtteranceView): Partials {
  const open = partials[final.leg];
  if (!open || open.start_s >= final.end_s - TOLERANCE_S) return partials;
  const { [final.leg]: _, ...rest } = partials;
  return rest;
}

/** The newest partial of a leg; one of an utterance already final, or older than the one we have, is dropped. */
export function withPartial(partials: Partials, frame: PartialFrame, finals: readonly UtteranceView[]): Partials {
  const known = partials[frame.leg];
  if (known?.segment === frame.segment && frame.rev <= known.rev) return partials;
  if (known && known.segment !== frame.segment && frame.start_s < known.start_s) return partials;
  for (let i = finals.length - 1; i >= 0; i -= 1) {
    const final = finals[i]!;
    if (final.leg === frame.leg && frame.start_s < final.end_s - TOLERANCE_S) return partials;
  }
  if (!frame.stable && !frame.unstable) {
    const { [frame.leg]: _, ...rest } = partials;
    return rest;
  }
  return { ...partials, [frame.leg]: frame };
}

export interface Piece {
  text: string;
  marked: boolean;
}

/** An utterance's text cut at the evidence spans that point into it. */
export function pieces(utterance: UtteranceView, evidence: readonly Evidence[]): Piece[] {
  const chars = [...utterance.text];
  const marks = new Array<boolean>(chars.length).fill(false);
  for (const each of evidence) {
    if (each.utterance !== utterance.id) continue;
    for (let i = Math.max(0, each.start); i < Math.min(chars.length, each.end); i += 1) marks[i] = true;
  }
  const out: Piece[] = [];
  chars.forEach((char, i) => {
    const last = out[out.length - 1];
    if (last && last.marked === marks[i]) last.text += char;
    else out.push({ text: char, marked: marks[i]! });
  });
  return out;
}

export type Doubt = "none" | "some" | "much";

/** How far the words can be trusted, from the model's average log probability per token. */
export function doubt(utterance: UtteranceView): Doubt {
  if (utterance.corrected_by || !utterance.model) return "none";
  if (utterance.logprob < -1.0) return "much";
  if (utterance.logprob < -0.6 || utterance.flags.length > 0) return "some";
  return "none";
}

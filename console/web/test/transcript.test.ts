import { describe, expect, it } from "vitest";
import { doubt, inOrder, pieces, withoutCovered, withPartial, withUtterance } from "@/state/transcript";
import { partial, utterance } from "./frames";

const ids = (all: { id: string }[]): string[] => all.map((each) => each.id);

describe("finals", () => {
  it("stand in the order they were spoken, whenever they come", () => {
    const one = withUtterance([utterance("a", 1), utterance("c", 5)], utterance("b", 3));
    expect(ids(one)).toEqual(["a", "b", "c"]);
  });

  it("keep their place when they are corrected", () => {
    const all = [utterance("a", 1), utterance("b", 3)];
    const mended = withUtterance(all, utterance("a", 1, { text: "对", corrected_by: "u1" }));
    expect(ids(mended)).toEqual(["a", "b"]);
    expect(mended[0]!.text).toBe("对");
  });

  it("spoken at the same moment stand in one order on every desk", () => {
    expect(ids(inOrder([utterance("b", 1), utterance("a", 1)]))).toEqual(["a", "b"]);
  });
});

describe("partials", () => {
  it("newest replaces older of the same leg", () => {
    const first = withPartial({}, partial(1, { rev: 1, stable: "你" }), []);
    const second = withPartial(first, partial(1, { rev: 2, stable: "你好" }), []);
    expect(second.caller!.stable).toBe("你好");
  });

  it("an older revision that comes late changes nothing", () => {
    const newer = withPartial({}, partial(1, { rev: 3, stable: "你好" }), []);
    expect(withPartial(newer, partial(1, { rev: 2, stable: "你" }), [])).toBe(newer);
  });

  it("both legs may speak at once", () => {
    const both = withPartial(withPartial({}, partial(1), []), partial(1.2, { leg: "agent" }), []);
    expect(Object.keys(both)).toEqual(["caller", "agent"]);
  });

  it("end with the final that covers them", () => {
    const open = withPartial({}, partial(1), []);
    expect(withoutCovered(open, utterance("a", 1))).toEqual({});
  });

  it("of the next utterance survive the final of the one before", () => {
    const open = withPartial({}, partial(5), []);
    expect(withoutCovered(open, utterance("a", 1))).toBe(open);
  });

  it("of the other leg survive a final", () => {
    const open = withPartial({}, partial(1, { leg: "agent" }), []);
    expect(withoutCovered(open, utterance("a", 1))).toBe(open);
  });

  it("that come after their own final are not shown again", () => {
    expect(withPartial({}, partial(1), [utterance("a", 1)])).toEqual({});
  });

  it("without words end the line", () => {
    const open = withPartial({}, partial(1), []);
    expect(withPartial(open, partial(1, { rev: 2, stable: "", unstable: "" }), [])).toEqual({});
  });
});

describe("evidence", () => {
  const said = utterance("a", 1, { text: "我住澄湖区湖滨街道" });
  const span = (start: number, end: number, id = "a") => ({ utterance: id, leg: "caller" as const, start, end, text: "", at_s: 1 });

  it("cuts the text at the marked words", () => {
    expect(pieces(said, [span(2, 5)])).toEqual([
      { text: "我住", marked: false },
      { text: "澄湖区", marked: true },
      { text: "湖滨街道", marked: false },
    ]);
  });

  it("joins spans that touch or overlap", () => {
    expect(pieces(said, [span(2, 5), span(4, 9)]).map((each) => each.text)).toEqual(["我住", "澄湖区湖滨街道"]);
  });

  it("of another utterance leaves the text whole", () => {
    expect(pieces(said, [span(0, 3, "b")])).toEqual([{ text: said.text, marked: false }]);
  });

  it("counts characters, not code units", () => {
    const rare = utterance("a", 1, { text: "𠮷祥路" });
    expect(pieces(rare, [span(1, 2)])).toEqual([
      { text: "𠮷", marked: false },
      { text: "祥", marked: true },
      { text: "路", marked: false },
    ]);
  });

  it("that reaches beyond the text marks what is there", () => {
    expect(pieces(said, [span(7, 99)]).at(-1)).toEqual({ text: "街道", marked: true });
  });
});

describe("doubt", () => {
  it("grows as the model's probability falls", () => {
    expect([-0.2, -0.8, -1.5].map((logprob) => doubt(utterance("a", 1, { logprob })))).toEqual(["none", "some", "much"]);
  });

  it("is raised by a guard that acted", () => {
    expect(doubt(utterance("a", 1, { flags: ["repetition"] }))).toBe("some");
  });

  it("ends when a person has corrected the words", () => {
    expect(doubt(utterance("a", 1, { logprob: -2, corrected_by: "u1" }))).toBe("none");
  });
});

import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CallSummary, PushedFrame } from "@/protocol.gen";
import type { Follower } from "@/socket/link";
import { callView } from "./frames";

const answers: ((calls: CallSummary[]) => void)[] = [];
const followers = new Map<string, Follower>();

vi.mock("@/api/client", () => ({
  api: { calls: () => new Promise((answer) => answers.push((calls) => answer({ calls }))) },
}));
vi.mock("@/socket/link", () => ({
  link: {
    follow: (stream: string, follower: Follower) => {
      followers.set(stream, follower);
      return () => undefined;
    },
  },
}));
vi.mock("@/state/session", () => ({
  session: { state: { user: { user: "gu" } }, is: () => true },
}));

const { calls } = await import("@/state/calls");

function summary(id: string): CallSummary {
  return { ...callView().summary, id };
}

function row(id: string): PushedFrame {
  return { t: "pushed", stream: "floor", epoch: "e1", offset: 1, kind: "call", data: summary(id) } as PushedFrame;
}

describe("the call list", () => {
  beforeEach(() => {
    answers.length = 0;
    calls.follow();
  });

  it("keeps a call that came while a list without it was on its way", async () => {
    const late = followers.get("agent:gu")!.snapshot();
    followers.get("floor")!.rows([row("new")]);
    answers[0]!([summary("old")]);
    await late;
    expect([...calls.state.calls.keys()]).toEqual(["old", "new"]);
  });

  it("drops the answer to an earlier question that comes after a later one's", async () => {
    const first = followers.get("agent:gu")!.snapshot();
    const second = followers.get("floor")!.snapshot();
    answers[1]!([summary("old"), summary("new")]);
    await second;
    answers[0]!([summary("old")]);
    await first;
    expect([...calls.state.calls.keys()]).toEqual(["old", "new"]);
  });
});

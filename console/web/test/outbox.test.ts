import { describe, expect, it } from "vitest";
import { NoAnswer, Refused, SignedOut } from "@/api/client";
import { Outbox } from "@/api/outbox";
import type { AnyCommand, Outcome } from "@/protocol.gen";

type Answer = Outcome["status"] | Error;

/** A server that answers each try with the next of `answers`, then "ok". */
function server(...answers: Answer[]) {
  const tried: string[] = [];
  return {
    tried,
    async send(command: AnyCommand): Promise<Outcome> {
      tried.push(command.command_id);
      const answer = answers.shift() ?? "ok";
      if (answer instanceof Error) throw answer;
      return { command_id: command.command_id, status: answer };
    },
    wait: () => Promise.resolve(),
  };
}

const claim = (id: string): AnyCommand => ({ type: "claim_call", command_id: id, call: "c1" });

describe("a command", () => {
  it("without an answer is sent again under the same id", async () => {
    const far = server(new NoAnswer(), new NoAnswer());
    const outcome = await new Outbox(far).put(claim("a"));
    expect(outcome.status).toBe("ok");
    expect(far.tried).toEqual(["a", "a", "a"]);
  });

  it("is sent again while the store does not answer", async () => {
    const far = server("unavailable");
    expect((await new Outbox(far).put(claim("a"))).status).toBe("ok");
    expect(far.tried).toEqual(["a", "a"]);
  });

  it("keeps its turn: the next is not sent before it is answered", async () => {
    const far = server(new NoAnswer(), "ok", "ok");
    const box = new Outbox(far);
    await Promise.all([box.put(claim("a")), box.put(claim("b"))]);
    expect(far.tried).toEqual(["a", "a", "b"]);
  });

  it.each(["refused", "stale", "conflict"] as const)("that is %s is told so and not sent again", async (status) => {
    const far = server(status);
    expect((await new Outbox(far).put(claim("a"))).status).toBe(status);
    expect(far.tried).toEqual(["a"]);
  });

  it("that the server can not read is refused and does not block the next", async () => {
    const far = server(new Refused(400, "bad_input", "格式不对"));
    const box = new Outbox(far);
    expect(await box.put(claim("a"))).toMatchObject({ status: "refused", code: "bad_input", message: "格式不对" });
    expect((await box.put(claim("b"))).status).toBe("ok");
  });

  it("waits through a sign-out and is sent after it", async () => {
    let told = 0;
    const far = server(new SignedOut());
    const outcome = await new Outbox(far, () => (told += 1)).put(claim("a"));
    expect([outcome.status, told, far.tried]).toEqual(["ok", 1, ["a", "a"]]);
  });

  it("is not counted as done before its outcome is there", async () => {
    let release: () => void = () => undefined;
    const far = server();
    const slow = { ...far, send: async (command: AnyCommand) => (await new Promise<void>((go) => (release = go)), far.send(command)) };
    const box = new Outbox(slow);
    let settled = false;
    const given = box.put(claim("a")).then(() => (settled = true));
    await Promise.resolve();
    expect([settled, box.waiting.length]).toEqual([false, 1]);
    release();
    await given;
    expect([settled, box.waiting.length]).toEqual([true, 0]);
  });
});

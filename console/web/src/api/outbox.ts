/**
 * Commands on their way. Each has an id made here; one without an answer is sent again under the same id, in order,
 * until the server says what became of it. Nothing counts as done before the outcome is "ok".
 */
import { computed, reactive, readonly } from "vue";
import type { AnyCommand, Outcome } from "@/protocol.gen";
import { api, NoAnswer, Refused, SignedOut } from "./client";
import { uuid } from "./uuid";

type Without<T> = T extends AnyCommand ? Omit<T, "command_id"> : never;
export type Order = Without<AnyCommand>;

interface Waiting {
  command: AnyCommand;
  settle: (outcome: Outcome) => void;
  tries: number;
}

export interface Sender {
  send(command: AnyCommand): Promise<Outcome>;
  wait(tries: number): Promise<void>;
}

/** The queue itself, free of network and clock. */
export class Outbox {
  readonly waiting = reactive<Waiting[]>([]) as Waiting[];
  private running = false;
  private poke: () => void = () => undefined;

  constructor(
    private readonly sender: Sender,
    private readonly onSignedOut: () => void = () => undefined,
  ) {}

  put(command: AnyCommand): Promise<Outcome> {
    return new Promise((settle) => {
      this.waiting.push({ command, settle, tries: 0 });
      void this.run();
    });
  }

  /** The line is back: do not sit out the wait. */
  hurry(): void {
    this.poke();
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      while (this.waiting.length) {
        const first = this.waiting[0]!;
        const outcome = await this.attempt(first);
        if (outcome) {
          this.waiting.shift();
          first.settle(outcome);
          continue;
        }
        first.tries += 1;
        await Promise.race([this.sender.wait(first.tries), new Promise<void>((go) => (this.poke = go))]);
      }
    } finally {
      this.running = false;
    }
  }

  /** The outcome, or nothing when there was no answer. */
  private async attempt({ command }: Waiting): Promise<Outcome | undefined> {
    try {
      const outcome = await this.sender.send(command);
      return outcome.status === "unavailable" ? undefined : outcome;
    } catch (error) {
      if (error instanceof NoAnswer) return undefined;
      if (error instanceof SignedOut) {
        this.onSignedOut();
        return undefined; // stays; sent again after signing in
      }
      const code = error instanceof Refused ? error.code : "page_error";
      return { command_id: command.command_id, status: "refused", code, message: (error as Error).message };
    }
  }
}

const signedOut = { tell: () => undefined as void };
const outbox = new Outbox(
  {
    send: (command) => api.command(command),
    wait: (tries) => new Promise((go) => window.setTimeout(go, Math.min(10_000, 500 * 2 ** tries))),
  },
  () => signedOut.tell(),
);

export const commands = {
  give: (order: Order): Promise<Outcome> => outbox.put({ ...order, command_id: uuid() } as AnyCommand),
  hurry: () => outbox.hurry(),
  onSignedOut: (tell: () => void) => {
    signedOut.tell = tell;
  },
  /** Commands without an answer that were tried at least once in vain. */
  stuck: computed(() => outbox.waiting.filter((entry) => entry.tries > 0).length),
  pending: computed(() => outbox.waiting.length),
  waiting: readonly(outbox.waiting),
};

/**
 * The page's one socket: ticket → auth → hello → resume per stream; comes back by itself; says how fresh the page is.
 * What the rows mean is not its business: followers get rows, and are asked for a snapshot when rows are missing.
 */
import { computed, reactive, readonly } from "vue";
import { api, SignedOut } from "@/api/client";
import type { AnyFrame, AnyRequest, HelloFrame, PartialFrame, PushedFrame } from "@/protocol.gen";
import { afterClose, delay } from "./backoff";
import { Position, type Marker, type Step } from "./position";

export interface Follower {
  /** Applies rows, in order. */
  rows(rows: PushedFrame[]): void;
  /** Takes the whole anew over HTTP; returns the position it includes, where it knows. */
  snapshot(): Promise<Marker | undefined>;
  /** The stream may not be followed (any more). */
  lost?(reason: "forbidden" | "too_many"): void;
}

export type LinkState = "off" | "connecting" | "open" | "waiting" | "refused";

interface Followed {
  follower: Follower;
  position: Position;
  turn: number; // rises with each snapshot asked for: a late answer to an older one is dropped
}

const SILENCE_MS = 40_000;
const SNAPSHOT_RETRY_MS = 2_000;

const state = reactive({
  link: "off" as LinkState,
  tries: 0,
  retryAt: 0, // ms since epoch of the next try
  unknown: 0, // frames of a kind this page does not know
  since: 0, // ms since epoch of the last frame
  snapshots: 0, // snapshots under way
  closedBy: 0, // last close code
});

const followed = new Map<string, Followed>();
const partials = new Set<(frame: PartialFrame) => void>();
const ready = new Set<(hello: HelloFrame) => void>();
let socket: WebSocket | null = null;
let timer = 0;
let silence = 0;
let wanted = false;
let expired: () => void = () => undefined;

function send(request: AnyRequest): void {
  if (socket?.readyState === WebSocket.OPEN && state.link === "open") socket.send(JSON.stringify(request));
}

function resume(stream: string, entry: Followed): void {
  const { epoch, offset } = entry.position.asked();
  entry.turn += 1;
  send({ t: "resume", stream, epoch, offset });
}

async function takeSnapshot(stream: string, entry: Followed): Promise<void> {
  const turn = ++entry.turn;
  state.snapshots += 1;
  try {
    const included = await entry.follower.snapshot();
    if (followed.get(stream) === entry && entry.turn === turn) run(stream, entry, entry.position.snapshot(included));
  } catch (error) {
    if (error instanceof SignedOut) return expired();
    window.setTimeout(() => {
      if (followed.get(stream) === entry && entry.turn === turn) void takeSnapshot(stream, entry);
    }, SNAPSHOT_RETRY_MS);
  } finally {
    state.snapshots -= 1;
  }
}

function run(stream: string, entry: Followed, steps: Step[]): void {
  for (const step of steps) {
    if (step.do === "apply") entry.follower.rows(step.rows);
    else if (step.do === "snapshot") void takeSnapshot(stream, entry);
    else resume(stream, entry);
  }
}

function take(frame: AnyFrame): void {
  switch (frame.t) {
    case "hello":
      state.link = "open";
      state.tries = 0;
      for (const [stream, entry] of followed) resume(stream, entry);
      for (const tell of ready) tell(frame);
      return;
    case "recovered": {
      const entry = followed.get(frame.stream);
      if (entry) run(frame.stream, entry, entry.position.recovered(frame));
      return;
    }
    case "pushed": {
      const entry = followed.get(frame.stream);
      if (entry) run(frame.stream, entry, entry.position.pushed(frame));
      return;
    }
    case "partial":
      for (const tell of partials) tell(frame);
      return;
    case "left":
      if (frame.reason !== "asked") followed.get(frame.stream)?.follower.lost?.(frame.reason);
      return;
    case "beat":
      for (const [stream, offset] of Object.entries(frame.offsets)) {
        const entry = followed.get(stream);
        if (entry) run(stream, entry, entry.position.stands(offset));
      }
      return;
    default: {
      const never: never = frame;
      void never;
      state.unknown += 1;
    }
  }
}

function hear(data: unknown): void {
  state.since = Date.now();
  watch();
  try {
    take(JSON.parse(String(data)) as AnyFrame);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    state.unknown += 1;
  }
}

/** The server beats every 15 s; a line silent for longer than two beats and a half is dead, whatever the browser says. */
function watch(): void {
  window.clearTimeout(silence);
  silence = window.setTimeout(() => socket?.close(4000, "silent"), SILENCE_MS);
}

async function connect(): Promise<void> {
  window.clearTimeout(timer);
  if (!wanted || socket) return;
  state.link = "connecting";
  let ticket: string;
  try {
    ticket = (await api.wsTicket()).ticket;
  } catch (error) {
    if (error instanceof SignedOut) return expired();
    return later();
  }
  if (!wanted || socket) return;
  const made = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/ws`);
  socket = made;
  made.onopen = () => made.send(JSON.stringify({ t: "auth", ticket } satisfies AnyRequest));
  made.onmessage = (event) => {
    if (socket === made) hear(event.data);
  };
  made.onclose = (event) => {
    if (socket !== made) return;
    socket = null;
    window.clearTimeout(silence);
    state.closedBy = event.code;
    for (const entry of followed.values()) entry.position.asked();
    const next = afterClose(event.code);
    if (!wanted) state.link = "off";
    else if (next === "stop") state.link = "refused";
    else if (next === "sign_in") void connect();
    else later();
  };
}

function later(): void {
  if (!wanted) return;
  const wait = delay(state.tries);
  state.tries += 1;
  state.link = "waiting";
  state.retryAt = Date.now() + wait;
  timer = window.setTimeout(() => void connect(), wait);
}

export const link = {
  state: readonly(state),
  /** Whether all that is shown is the server's present state. */
  fresh: computed(() => state.link === "open" && state.snapshots === 0),

  open(onExpired: () => void): void {
    expired = onExpired;
    wanted = true;
    state.tries = 0;
    if (!socket) void connect();
  },

  close(): void {
    wanted = false;
    window.clearTimeout(timer);
    window.clearTimeout(silence);
    socket?.close(1000, "bye");
    socket = null;
    state.link = "off";
    followed.clear();
  },

  /** Tries at once, for a person who does not want to wait. */
  now(): void {
    state.tries = 0;
    if (!socket) void connect();
  },

  follow(stream: string, follower: Follower): () => void {
    const entry: Followed = { follower, position: new Position(), turn: 0 };
    followed.set(stream, entry);
    resume(stream, entry);
    return () => {
      if (followed.get(stream) !== entry) return;
      followed.delete(stream);
      send({ t: "leave", stream });
    };
  },

  onPartial(tell: (frame: PartialFrame) => void): () => void {
    partials.add(tell);
    return () => partials.delete(tell);
  },

  /** Called after each hello: the line stands (again). */
  onReady(tell: (hello: HelloFrame) => void): () => void {
    ready.add(tell);
    return () => ready.delete(tell);
  },
};

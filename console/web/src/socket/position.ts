/**
 * Where we stand in one stream. Pure: frames in, instructions out.
 *
 * A row is applied when its offset is the last one + 1 in the same epoch; a row seen before is dropped; anything else
 * means that we missed something, and the stream is resumed. While a snapshot is on its way rows wait.
 */
import type { PushedFrame, RecoveredFrame } from "@/protocol.gen";

export type Step =
  | { do: "apply"; rows: PushedFrame[] }
  | { do: "snapshot" }
  | { do: "resume"; epoch: string; offset: number };

export interface Marker {
  epoch: string;
  offset: number;
}

const HELD_ROWS = 2_000; // rows kept while a snapshot is on its way; beyond it we ask anew

export class Position {
  private at: Marker = { epoch: "", offset: 0 };
  private phase: "asked" | "snapshot" | "live" = "asked";
  private held: PushedFrame[] = [];
  /** Where the server stood when it could not give the missed rows. */
  private named: Marker = { epoch: "", offset: 0 };

  get marker(): Marker {
    return { ...this.at };
  }

  get live(): boolean {
    return this.phase === "live";
  }

  /** We are about to send resume: what the server repeats from here on replaces all that is still under way. */
  asked(): Marker {
    this.phase = "asked";
    this.held = [];
    return this.marker;
  }

  recovered(frame: RecoveredFrame): Step[] {
    this.held = [];
    if (frame.recovered && this.at.epoch !== "") {
      this.phase = "live";
      return [];
    }
    this.named = { epoch: frame.epoch, offset: frame.offset };
    this.phase = "snapshot";
    return [{ do: "snapshot" }];
  }

  /** A snapshot has been taken over; `included` is the newest row in it, where the snapshot says so. */
  snapshot(included?: Marker): Step[] {
    if (this.phase !== "snapshot") return [];
    this.at = included?.epoch && included.epoch === this.named.epoch ? { ...included } : { ...this.named };
    this.phase = "live";
    const rows = this.held;
    this.held = [];
    return this.take(rows);
  }

  pushed(row: PushedFrame): Step[] {
    if (this.phase === "live") return this.take([row]);
    if (this.phase === "snapshot") this.held.push(row);
    return this.held.length > HELD_ROWS ? [this.again()] : [];
  }

  /** The server says where the stream stands; behind it we have missed the last rows. */
  stands(offset: number): Step[] {
    return this.phase === "live" && offset > this.at.offset ? [this.again()] : [];
  }

  private take(rows: PushedFrame[]): Step[] {
    const fresh: PushedFrame[] = [];
    const steps: Step[] = [];
    for (const row of rows) {
      if (row.epoch === this.at.epoch && row.offset <= this.at.offset) continue; // seen
      if (row.epoch !== this.at.epoch || row.offset !== this.at.offset + 1) {
        steps.push(this.again());
        break;
      }
      this.at = { epoch: row.epoch, offset: row.offset };
      fresh.push(row);
    }
    return fresh.length ? [{ do: "apply", rows: fresh }, ...steps] : steps;
  }

  private again(): Step {
    return { do: "resume", ...this.asked() };
  }
}

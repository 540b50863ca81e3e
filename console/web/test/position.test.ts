import { describe, expect, it } from "vitest";
import { Position } from "@/socket/position";
import type { PushedFrame } from "@/protocol.gen";
import { recovered, row } from "./frames";

/** A position that took a snapshot which includes everything up to `offset`. */
function standing(offset: number, epoch = "e1"): Position {
  const position = new Position();
  position.asked();
  position.recovered(recovered(false, offset, epoch));
  position.snapshot({ epoch, offset });
  return position;
}

const offsets = (rows: PushedFrame[]): number[] => rows.map((each) => each.offset);

describe("a stream's position", () => {
  it("asks for a snapshot when the server can not give the missed rows", () => {
    const position = new Position();
    expect(position.asked()).toEqual({ epoch: "", offset: 0 });
    expect(position.recovered(recovered(false, 7))).toEqual([{ do: "snapshot" }]);
    expect(position.live).toBe(false);
  });

  it("takes a snapshot even if the server says recovered, while it has never had one", () => {
    const position = new Position();
    position.asked();
    expect(position.recovered(recovered(true, 7))).toEqual([{ do: "snapshot" }]);
  });

  it("applies rows that follow one another", () => {
    const position = standing(7);
    expect(position.pushed(row(8))).toEqual([{ do: "apply", rows: [row(8)] }]);
    expect(position.pushed(row(9))).toEqual([{ do: "apply", rows: [row(9)] }]);
    expect(position.marker).toEqual({ epoch: "e1", offset: 9 });
  });

  it("drops a row it has seen", () => {
    const position = standing(7);
    position.pushed(row(8));
    expect(position.pushed(row(8))).toEqual([]);
    expect(position.pushed(row(3))).toEqual([]);
  });

  it("resumes from its own position when a row is missing, and drops what comes until the answer", () => {
    const position = standing(7);
    expect(position.pushed(row(10))).toEqual([{ do: "resume", epoch: "e1", offset: 7 }]);
    expect(position.pushed(row(11))).toEqual([]);
    expect(position.recovered(recovered(true, 11))).toEqual([]);
    expect(position.pushed(row(8))).toEqual([{ do: "apply", rows: [row(8)] }]);
  });

  it("resumes when the epoch changes under it", () => {
    const position = standing(7);
    expect(position.pushed(row(8, "e2"))).toEqual([{ do: "resume", epoch: "e1", offset: 7 }]);
  });

  it("holds rows back until the snapshot is here, then gives only those it does not include", () => {
    const position = new Position();
    position.asked();
    position.recovered(recovered(false, 7));
    expect(position.pushed(row(8))).toEqual([]);
    expect(position.pushed(row(9))).toEqual([]);
    const steps = position.snapshot({ epoch: "e1", offset: 8 });
    expect(steps).toEqual([{ do: "apply", rows: [row(9)] }]);
  });

  it("resumes when the snapshot is older than the rows after it", () => {
    const position = new Position();
    position.asked();
    position.recovered(recovered(false, 7));
    position.pushed(row(9));
    expect(position.snapshot({ epoch: "e1", offset: 7 })).toEqual([{ do: "resume", epoch: "e1", offset: 7 }]);
  });

  it("stands where the server said when the snapshot names no position", () => {
    const position = new Position();
    position.asked();
    position.recovered(recovered(false, 7));
    position.snapshot(undefined);
    expect(position.marker).toEqual({ epoch: "e1", offset: 7 });
  });

  it("ignores a snapshot nobody waits for any more", () => {
    const position = standing(7);
    expect(position.snapshot({ epoch: "e1", offset: 3 })).toEqual([]);
    expect(position.marker.offset).toBe(7);
  });

  it("keeps its position over a lost line", () => {
    const position = standing(7);
    position.pushed(row(8));
    expect(position.asked()).toEqual({ epoch: "e1", offset: 8 });
    position.recovered(recovered(true, 10));
    expect(offsets([row(9), row(10)].flatMap((each) => position.pushed(each)).flatMap((step) => (step.do === "apply" ? step.rows : [])))).toEqual([9, 10]);
  });

  it("resumes when a beat tells of rows that never came", () => {
    const position = standing(7);
    expect(position.stands(7)).toEqual([]);
    expect(position.stands(9)).toEqual([{ do: "resume", epoch: "e1", offset: 7 }]);
    expect(position.stands(12)).toEqual([]); // already asked
  });

  it("shows every row once and in order, whatever is lost or doubled on the way", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      let state = seed;
      const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
      const position = standing(0);
      const shown: number[] = [];
      const run = (steps: ReturnType<Position["pushed"]>): void => {
        for (const step of steps) {
          if (step.do === "apply") shown.push(...offsets(step.rows));
          if (step.do === "resume") resume(step.offset);
        }
      };
      let newest = 0;
      const resume = (from: number): void => {
        run(position.recovered(recovered(true, newest)));
        for (let offset = from + 1; offset <= newest; offset += 1) run(position.pushed(row(offset)));
      };
      for (newest = 1; newest <= 30; newest += 1) {
        if (random() < 0.3) continue; // lost
        run(position.pushed(row(newest)));
        if (random() < 0.3) run(position.pushed(row(newest))); // doubled
      }
      newest = 30;
      run(position.stands(30));
      expect(shown).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    }
  });
});

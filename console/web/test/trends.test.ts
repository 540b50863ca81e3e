import { describe, expect, it } from "vitest";
import { cross, overTime, ranked } from "@/state/trends";

const cells = [
  { bucket: "2026-02", district: "d1", category: "a", count: 3 },
  { bucket: "2026-01", district: "d2", category: "b", count: 2 },
  { bucket: "2026-01", district: "d1", category: "a", count: 4 },
  { bucket: "2026-02", district: "d2", category: "c", count: 1 },
];
const total = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);

describe("trends", () => {
  it("rank by count", () => {
    expect(ranked(cells, "category")).toEqual([{ code: "a", count: 7 }, { code: "b", count: 2 }, { code: "c", count: 1 }]);
  });

  it("over time have a value in every bucket, in order", () => {
    const { buckets, series } = overTime(cells, 8);
    expect(buckets).toEqual(["2026-01", "2026-02"]);
    expect(series).toContainEqual({ code: "b", counts: [2, 0] });
  });

  it("gather small categories so that no ticket is left out", () => {
    const { series } = overTime(cells, 2);
    expect(series.map((each) => each.code)).toEqual(["a", ""]);
    expect(total(series.flatMap((each) => each.counts))).toBe(10);
  });

  it("cross districts with categories", () => {
    const { districts, categories, points } = cross(cells);
    expect([districts, categories]).toEqual([["d1", "d2"], ["a", "b", "c"]]);
    expect(points).toContainEqual([0, 0, 7]);
    expect(total(points.map((point) => point[2]))).toBe(10);
  });
});

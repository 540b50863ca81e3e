/** Cells of time × district × category added up the way each chart and its table need it. Pure. */
import type { TrendCell } from "@/protocol.gen";

export interface Counted {
  code: string;
  count: number;
}

export function sumBy(cells: readonly TrendCell[], key: "bucket" | "district" | "category"): Map<string, number> {
  const sums = new Map<string, number>();
  for (const cell of cells) sums.set(cell[key], (sums.get(cell[key]) ?? 0) + cell.count);
  return sums;
}

export function ranked(cells: readonly TrendCell[], key: "district" | "category"): Counted[] {
  return [...sumBy(cells, key)].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count || a.code.localeCompare(b.code));
}

/** Time × category, all buckets in order; every series has a value in every bucket. */
export function overTime(cells: readonly TrendCell[], most: number): { buckets: string[]; series: { code: string; counts: number[] }[] } {
  const buckets = [...new Set(cells.map((cell) => cell.bucket))].sort();
  const at = new Map(buckets.map((bucket, i) => [bucket, i]));
  const top = ranked(cells, "category");
  const named = new Set(top.slice(0, top.length > most ? most - 1 : most).map((each) => each.code));
  const series = new Map<string, number[]>();
  for (const code of named) series.set(code, buckets.map(() => 0));
  for (const cell of cells) {
    const code = named.has(cell.category) ? cell.category : ""; // "" gathers the rest
    const counts = series.get(code) ?? series.set(code, buckets.map(() => 0)).get(code)!;
    counts[at.get(cell.bucket)!]! += cell.count;
  }
  return { buckets, series: [...series].map(([code, counts]) => ({ code, counts })) };
}

/** District × category as [x, y, count]. */
export function cross(cells: readonly TrendCell[]): { districts: string[]; categories: string[]; points: [number, number, number][] } {
  const districts = ranked(cells, "district").map((each) => each.code);
  const categories = ranked(cells, "category").map((each) => each.code);
  const sums = new Map<string, number>();
  for (const cell of cells) {
    const key = `${cell.district}\n${cell.category}`;
    sums.set(key, (sums.get(key) ?? 0) + cell.count);
  }
  const points: [number, number, number][] = [];
  categories.forEach((category, x) => districts.forEach((district, y) => points.push([x, y, sums.get(`${district}\n${category}`) ?? 0])));
  return { districts, categories, points };
}

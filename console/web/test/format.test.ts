import { beforeEach, describe, expect, it } from "vitest";
import { query } from "@/api/client";
import { cut, percent, phone } from "@/format/text";
import { dateTime, daysAfter, fromWall, span, startOfDay, useZone, wall } from "@/format/time";

beforeEach(() => useZone("Asia/Shanghai"));

describe("times", () => {
  it("are those of the city, wherever the browser is", () => {
    expect(dateTime("2026-11-21T16:30:00Z")).toBe("2026-11-22 00:30");
  });

  it("that are none stay empty", () => {
    expect([dateTime(""), dateTime("昨晚")]).toEqual(["", ""]);
  });

  it("a day begins at midnight in the city", () => {
    expect(startOfDay("2026-11-21")).toBe("2026-11-20T16:00:00.000Z");
    expect(daysAfter("2026-12-31", 1)).toBe("2026-12-31T16:00:00.000Z");
  });

  it("wall time goes there and back", () => {
    expect(wall("2026-11-21T01:05:00Z")).toBe("2026-11-21T09:05");
    expect(fromWall("2026-11-21T09:05")).toBe("2026-11-21T09:05:00+08:00");
    expect(wall(fromWall("2026-02-28T23:59"))).toBe("2026-02-28T23:59");
  });

  it("a span of time is no wall time", () => {
    expect(wall("2026-11-20T22:00:00+08:00/2026-11-21T02:00:00+08:00")).toBe("");
  });

  it("length of a call", () => {
    expect([span(0), span(65.9), span(3_661), span(-3)]).toEqual(["00:00", "01:05", "1:01:01", "00:00"]);
  });
});

describe("text", () => {
  it("numbers as they are read aloud", () => {
    expect([phone("13912345678"), phone("0588-6161001")]).toEqual(["139 1234 5678", "0588-6161001"]);
  });

  it("shares", () => {
    expect([percent(0.934), percent(0), percent(Number.NaN)]).toEqual(["93%", "0%", ""]);
  });

  it("cut by whole characters", () => {
    expect([cut("澄湖区", 3), cut("𠮷祥路口", 3)]).toEqual(["澄湖区", "𠮷祥…"]);
  });
});

describe("a question to the server", () => {
  it("names only what says something", () => {
    expect(query({ a: "", b: 0, c: undefined, d: "噪 音" })).toBe("?b=0&d=%E5%99%AA+%E9%9F%B3");
    expect(query({ a: "" })).toBe("");
  });
});

import { describe, expect, it } from "vitest";
import { curve } from "@/format/curve";

describe("the curve of a feeling", () => {
  it("runs from left to right, up for pleased and down for upset", () => {
    expect(curve([0, -1, 1], 96, 24)).toBe("0,12 48,24 96,0");
  });

  it("draws one value as a line, and stays inside its box", () => {
    expect(curve([0], 96, 24)).toBe("0,12 96,12");
    expect(curve([-3, 3], 96, 24)).toBe("0,24 96,0");
  });
});

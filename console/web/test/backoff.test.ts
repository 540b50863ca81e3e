import { describe, expect, it } from "vitest";
import { CLOSE_CODES } from "@/protocol.gen";
import { afterClose, CAP_MS, delay } from "@/socket/backoff";

describe("coming back", () => {
  it("waits anywhere between nothing and the ceiling", () => {
    expect(delay(3, () => 0)).toBe(0);
    expect(delay(3, () => 0.999_999)).toBe(3_999);
  });

  it("doubles the ceiling up to thirty seconds and no further", () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 6, 7, 50].map((n) => delay(n, () => 1));
    expect(ceilings).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, CAP_MS, CAP_MS, CAP_MS]);
  });

  it("stops when the session was revoked and asks for a ticket at once when it expired", () => {
    expect(afterClose(4403)).toBe("stop");
    expect(afterClose(4401)).toBe("sign_in");
  });

  it("comes back after every other close, known or not", () => {
    for (const code of [...Object.keys(CLOSE_CODES).map(Number), 1000, 1006, 4999]) {
      if (code !== 4403 && code !== 4401) expect(afterClose(code)).toBe("reconnect");
    }
  });
});

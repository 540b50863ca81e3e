/** Reconnecting: full jitter under an exponential ceiling, so that many desks dropped at once do not return at once. */

export const BASE_MS = 500;
export const CAP_MS = 30_000;

/** Milliseconds to wait before try `n` (0, 1, …); `random` gives 0 ≤ r < 1. */
export function delay(n: number, random: () => number = Math.random): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(n, 16));
  return Math.floor(random() * ceiling);
}

export type AfterClose = "reconnect" | "sign_in" | "stop";

/** What a close code asks of us. Every code we do not know is an accident of the network: come back. */
export function afterClose(code: number): AfterClose {
  if (code === 4403) return "stop"; // revoked
  if (code === 4401) return "sign_in"; // expired: a new ticket decides whether the session still lives
  return "reconnect";
}

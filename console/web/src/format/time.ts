/** Times as people of the city read them. The zone is the city's, not the browser's. */

let zone = "Asia/Shanghai";
export function useZone(name: string): void {
  zone = name;
}

type Parts = Record<"year" | "month" | "day" | "hour" | "minute" | "second", string>;

function parts(iso: string): Parts | undefined {
  const at = new Date(iso);
  if (!iso || Number.isNaN(at.getTime())) return undefined;
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit",
    minute: "2-digit", second: "2-digit",
  });
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value])) as Parts;
}

/** "2026-11-21 09:05" */
export function dateTime(iso: string): string {
  const p = parts(iso);
  return p ? `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}` : "";
}

/** "11-21 09:05" */
export function shortTime(iso: string): string {
  return dateTime(iso).slice(5);
}

/** "09:05:07" */
export function clock(iso: string): string {
  const p = parts(iso);
  return p ? `${p.hour}:${p.minute}:${p.second}` : "";
}

/** "2026-11-21", of now when no time is given */
export function day(iso: string = new Date().toISOString()): string {
  return dateTime(iso).slice(0, 10);
}

/** Seconds of a call as "1:02" or "1:01:02". */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (n: number): string => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${pad(minutes)}:${pad(whole % 60)}`;
}

export function secondsBetween(from: string, to: string | number): number {
  const end = typeof to === "number" ? to : new Date(to).getTime();
  return (end - new Date(from).getTime()) / 1000;
}

/** Minutes by which the city's clock is ahead of UTC at that moment. */
function ahead(at: Date): number {
  const p = parts(at.toISOString())!;
  const wall = Date.UTC(+p.year, +p.month - 1, +p.day, +p.hour, +p.minute, +p.second);
  return Math.round((wall - Math.floor(at.getTime() / 1000) * 1000) / 60_000);
}

/** First moment of a day ("2026-11-21") in the city, as UTC ISO. */
export function startOfDay(date: string): string {
  const guess = new Date(`${date}T00:00:00Z`);
  return new Date(guess.getTime() - ahead(guess) * 60_000).toISOString();
}

/** The moment `days` later than the start of a day. */
export function daysAfter(date: string, days: number): string {
  const next = new Date(`${date}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + days);
  return startOfDay(next.toISOString().slice(0, 10));
}

/** Wall time in the city ("2026-11-21T09:05") of an ISO moment; "" when it is none. */
export function wall(iso: string): string {
  if (!/^\d{4}-\d{2}-\d{2}T[^/]*$/.test(iso)) return "";
  if (!/(Z|[+-]\d{2}:?\d{2})$/.test(iso)) return iso.slice(0, 16);
  return dateTime(iso).replace(" ", "T");
}

/** ISO moment with the city's offset from a wall time. */
export function fromWall(value: string): string {
  if (!value) return "";
  const minutes = ahead(new Date(`${value.slice(0, 16)}:00Z`));
  const sign = minutes < 0 ? "-" : "+";
  const pad = (n: number): string => String(n).padStart(2, "0");
  const off = Math.abs(minutes);
  return `${value.slice(0, 16)}:00${sign}${pad(Math.floor(off / 60))}:${pad(off % 60)}`;
}

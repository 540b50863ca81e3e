/** Numbers and words as shown. */

/** 0.934 → "93%" */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)}%` : "";
}

/** A phone number in groups, as it is read aloud: 139 1234 5678. Anything else stays. */
export function phone(number: string): string {
  if (/^1\d{10}$/.test(number)) return `${number.slice(0, 3)} ${number.slice(3, 7)} ${number.slice(7)}`;
  return number;
}

export function count(n: number): string {
  return n.toLocaleString("en-US");
}

/** Text cut to `most` characters, whole characters only. */
export function cut(text: string, most: number): string {
  const chars = [...text];
  return chars.length <= most ? text : `${chars.slice(0, most - 1).join("")}…`;
}

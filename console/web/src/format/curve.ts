/** A small curve of values between -1 and 1: above the middle is up. */
export function curve(values: readonly number[], wide: number, high: number): string {
  const step = values.length > 1 ? wide / (values.length - 1) : 0;
  const y = (value: number): number => Math.round((1 - Math.max(-1, Math.min(1, value))) * (high / 2) * 10) / 10;
  const all = values.length === 1 ? [values[0]!, values[0]!] : values;
  return all.map((value, n) => `${Math.round((values.length === 1 ? n * wide : n * step) * 10) / 10},${y(value)}`).join(" ");
}

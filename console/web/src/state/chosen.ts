import type { Matter } from "@/protocol.gen";

export type Mode = "direct" | "forward" | "told";

/** The unit a confirmation of this matter would name: the person's or machine's answer, else the first proposal. */
export function chosenUnit(matter: Matter): string {
  const field = matter.fields.lead_unit;
  if (field && (field.value || field.origin === "human")) return field.value;
  return matter.dispatch.abstained ? "" : (matter.dispatch.candidates?.[0]?.unit ?? "");
}

export function chosenCoUnits(matter: Matter): string[] {
  const field = matter.fields.co_units;
  if (field) return field.value.split(",").filter(Boolean);
  const lead = chosenUnit(matter);
  return matter.dispatch.candidates?.find((each) => each.unit === lead)?.co_units ?? [];
}

export function chosenMode(matter: Matter): Mode | "" {
  const value = matter.fields.handling_mode?.value;
  return value === "direct" || value === "forward" || value === "told" ? value : "";
}

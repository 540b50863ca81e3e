/** How the fields of a ticket are laid out; what they are called comes from the server. */
import type { Word } from "@/i18n";

export type Control = "text" | "area" | "segment" | "category" | "place" | "unit" | "units" | "time" | "phone";

export interface FieldSpec {
  name: string;
  control: Control;
  span: 2 | 3 | 4 | 6; // of 6 columns
  rows?: number;
}

export interface GroupSpec {
  id: "matter" | "place" | "caller" | "time" | "dispatch";
  word: Word;
  fields: readonly FieldSpec[];
}

export const GROUPS: readonly GroupSpec[] = [
  {
    id: "matter",
    word: "group.matter",
    fields: [
      { name: "kind", control: "segment", span: 6 },
      { name: "category", control: "category", span: 6 },
      { name: "title", control: "text", span: 6 },
      { name: "content", control: "area", span: 6, rows: 4 },
      { name: "demand", control: "text", span: 6 },
      { name: "urgency", control: "segment", span: 4 },
      { name: "is_group", control: "segment", span: 2 },
      { name: "respondent", control: "text", span: 4 },
      { name: "amount", control: "text", span: 2 },
      { name: "households", control: "text", span: 2 },
      { name: "is_repeat", control: "segment", span: 2 },
      { name: "confidential", control: "segment", span: 2 },
    ],
  },
  {
    id: "place",
    word: "group.place",
    fields: [
      { name: "district", control: "place", span: 2 },
      { name: "street", control: "place", span: 2 },
      { name: "community", control: "place", span: 2 },
      { name: "incident_place", control: "text", span: 6 },
    ],
  },
  {
    id: "caller",
    word: "group.caller",
    fields: [
      { name: "caller_name", control: "text", span: 3 },
      { name: "gender", control: "segment", span: 3 },
      { name: "contact_phone", control: "phone", span: 3 },
      { name: "calling_number", control: "phone", span: 3 },
      { name: "vulnerable_group", control: "text", span: 6 },
      { name: "emotion", control: "segment", span: 6 },
    ],
  },
  {
    id: "time",
    word: "group.time",
    fields: [
      { name: "event_time", control: "time", span: 6 },
      { name: "cause", control: "area", span: 6, rows: 2 },
      { name: "course", control: "area", span: 6, rows: 2 },
    ],
  },
  {
    id: "dispatch",
    word: "group.dispatch",
    fields: [
      { name: "lead_unit", control: "unit", span: 3 },
      { name: "co_units", control: "units", span: 3 },
      { name: "answer", control: "area", span: 6, rows: 3 },
    ],
  },
];

export const ALL_FIELDS: readonly FieldSpec[] = GROUPS.flatMap((group) => group.fields);

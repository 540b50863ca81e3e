/** What the ticket's own parts are called in the language chosen: fields, kinds, states. What the city writes stays. */
import { EMOTIONS, FIELDS, KIND_NAMES, PARTS, STATE_NAMES, URGENCY_NAMES } from "../protocol.gen";
import { language } from "./index";

const zh = { field: FIELDS, kind: KIND_NAMES, urgency: URGENCY_NAMES, emotion: EMOTIONS, part: PARTS, state: STATE_NAMES } as const;

export type Table = keyof typeof zh;

const en: { [T in Table]: Record<keyof (typeof zh)[T], string> } = {
  field: {
    kind: "Kind",
    category: "Category",
    title: "Title",
    content: "Content",
    caller_name: "Name",
    gender: "Sex",
    calling_number: "Calling number",
    contact_phone: "Callback number",
    district: "District",
    street: "Street",
    community: "Community",
    incident_place: "Place",
    event_time: "Time",
    cause: "Cause",
    course: "Course of events",
    respondent: "Complained of",
    amount: "Amount",
    urgency: "Urgency",
    is_group: "Concerns a group",
    households: "Households",
    is_repeat: "Called before",
    confidential: "Keep confidential",
    vulnerable_group: "Vulnerable person",
    emotion: "Mood",
    demand: "Wish",
    handling_mode: "Handling",
    lead_unit: "Lead unit",
    co_units: "Co-units",
    answer: "Answer",
  },
  kind: { consult: "Inquiry", help: "Request", complaint: "Complaint", report: "Report", suggestion: "Proposal", praise: "Praise" },
  urgency: { normal: "Normal", urgent: "Urgent", critical: "Critical" },
  emotion: { calm: "Calm", anxious: "Anxious", upset: "Upset", angry: "Angry", sad: "Sad", pleased: "Pleased" },
  part: {
    caller: "Name",
    time: "Time",
    place: "Place",
    cause: "Cause",
    course: "Course",
    wish: "Wish",
    told: "Told",
    promised: "Promised",
    danger: "Danger",
    feeling: "Mood",
    open: "To settle",
  },
  state: {
    draft: "Draft",
    accepted: "Accepted",
    in_review: "In review",
    pending_dispatch: "To be dispatched",
    dispatched: "To be received",
    in_progress: "In progress",
    pending_feedback: "Awaiting feedback",
    reply_review: "Reply in review",
    pending_followup: "To be followed up",
    closed: "Closed",
    rated: "Rated",
    archived: "Archived",
    beyond_duty: "Beyond duty, told",
    not_accepted: "Not accepted",
    merged: "Merged",
  },
};

/** The name of a code; the code itself where it has none. */
export function named(table: Table, code: string): string {
  const names: Record<string, string> = language.value === "en" ? en[table] : zh[table];
  return names[code] ?? code;
}

/** All codes of a table with their names and as a ticket holds them, in the order of the protocol. */
export function names(table: Table): [code: string, name: string, written: string][] {
  return Object.entries(zh[table]).map(([code, written]) => [code, named(table, code), written]);
}

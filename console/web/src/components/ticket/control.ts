import type { FieldValue } from "@/protocol.gen";
import type { FieldSpec } from "@/state/form";

/** What every control of a field is given; each emits change(value, label). */
export interface ControlProps {
  id: string;
  spec: FieldSpec;
  value: string;
  label: string;
  all: Readonly<Record<string, FieldValue>>;
  name: string;
  readonly: boolean;
}

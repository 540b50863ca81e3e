import { t } from "@/i18n";
import { wall } from "@/format/time";
import type { FieldValue } from "@/protocol.gen";
import { city } from "./city";

/** A field's value in words. */
export function shownValue(name: string, field: FieldValue): string {
  const { value, label } = field;
  if (name === "category") return city.categoryPath(value);
  if (name === "kind") return city.kind(value);
  if (name === "urgency") return city.urgency(value);
  if (name === "event_time") {
    const exact = wall(value).replace("T", " ");
    return exact && label && label !== exact ? `${label}（${exact}）` : label || exact || value;
  }
  if (name === "is_group" || name === "is_repeat" || name === "confidential")
    return value === "yes" ? t("field.yes") : value === "no" ? t("field.no") : label || value;
  return label || value;
}

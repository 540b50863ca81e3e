import { t } from "@/i18n";

/** Who speaks on a leg, in words. */
export function speaker(leg: string): string {
  if (leg === "caller") return t("said.caller");
  if (leg === "agent") return t("said.agent");
  return t("said.mixed");
}

/** The city pack as forms, filters and labels need it. Loaded once. */
import { shallowReactive } from "vue";
import { api } from "@/api/client";
import { named } from "@/i18n/names";
import type { Category, CityView, Place, Unit } from "@/protocol.gen";
import { useZone } from "@/format/time";

export interface Node {
  [key: string]: unknown;
  value: string;
  label: string;
  children?: Node[];
}

const state = shallowReactive({
  view: null as CityView | null,
  units: new Map<string, Unit>(),
  categories: new Map<string, Category>(),
  places: new Map<string, Place>(),
  tree: [] as Node[],
});

function treeOf(categories: readonly Category[]): Node[] {
  const under = new Map<string, Category[]>();
  for (const each of categories) under.set(each.parent ?? "", [...(under.get(each.parent ?? "") ?? []), each]);
  const grow = (parent: string): Node[] =>
    (under.get(parent) ?? []).map((each) => {
      const children = grow(each.code);
      return { value: each.code, label: each.name, ...(children.length ? { children } : {}) };
    });
  return grow("");
}

export const city = {
  state,

  async load(): Promise<void> {
    if (state.view) return;
    const view = await api.city();
    state.units = new Map(view.units.map((each) => [each.code, each]));
    state.categories = new Map(view.categories.map((each) => [each.code, each]));
    state.places = new Map(view.places.map((each) => [each.code, each]));
    state.tree = treeOf(view.categories);
    state.view = view;
    useZone(view.manifest.zone);
  },

  title: (): string => state.view?.manifest.title ?? "",
  field: (name: string): string => named("field", name),
  kind: (code: string): string => named("kind", code),
  urgency: (code: string): string => named("urgency", code),
  ticketState: (code: string): string => named("state", code),
  unit: (code: string): string => state.units.get(code)?.short ?? code,
  unitName: (code: string): string => state.units.get(code)?.name ?? code,
  place: (code: string): string => state.places.get(code)?.name ?? code,
  category: (code: string): string => state.categories.get(code)?.name ?? code,

  /** "城市管理 / 市容环境 / 噪音扰民" */
  categoryPath(code: string): string {
    const names: string[] = [];
    for (let at = state.categories.get(code); at; at = state.categories.get(at.parent ?? "")) names.unshift(at.name);
    return names.join(" / ") || code;
  },

  places: (level: Place["level"], under = ""): Place[] =>
    [...state.places.values()].filter((each) => each.level === level && (!under || each.parent === under)),

  /** Units a ticket can be sent to. */
  receivers: (): Unit[] => [...state.units.values()].filter((each) => each.kind !== "outside" && each.kind !== "emergency"),
};

import { reactive } from "vue";

/** Matter → number of the earlier ticket that the person wants it linked to when it is confirmed. */
export const linked = reactive(new Map<string, string>());

import { ref } from "vue";

/** Whether the table of shortcuts is shown. */
export const help = { open: ref(false) };

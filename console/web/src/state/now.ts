/** The time as shown by running clocks, once a second for the whole page. */
import { ref } from "vue";

export const now = ref(Date.now());
if (typeof window !== "undefined") window.setInterval(() => (now.value = Date.now()), 1000);

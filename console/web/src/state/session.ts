/** Who sits here. Everything else hangs on it: the socket is open exactly while someone is signed in. */
import { computed, reactive, readonly } from "vue";
import { api, SignedOut } from "@/api/client";
import { commands } from "@/api/outbox";
import { link } from "@/socket/link";
import type { Actor, Role } from "@/protocol.gen";
import { city } from "./city";

const state = reactive({
  user: null as Actor | null,
  version: "",
  demo: false,
  ended: false, // the server ended the session; the views stay until the person has signed in again
});

async function enter(): Promise<void> {
  const me = await api.me();
  Object.assign(state, { user: me.user, version: me.version, demo: me.demo, ended: false });
  await city.load();
  link.open(lost);
  commands.hurry();
}

/** The session is gone though nobody signed out: what is typed stays on the page. */
function lost(): void {
  if (state.user) state.ended = true;
  link.close();
}

commands.onSignedOut(lost);
link.onReady(() => commands.hurry());

const HOME: Record<Role, string> = { agent: "/desk", supervisor: "/routing", analyst: "/trends", admin: "/tickets" };

export const session = {
  state: readonly(state),
  user: computed(() => state.user),
  home: computed(() => (state.user ? HOME[state.user.role] : "/login")),

  is: (...roles: Role[]): boolean => Boolean(state.user && roles.includes(state.user.role)),

  /** Takes up a session the browser still has; false when there is none. */
  async resume(): Promise<boolean> {
    if (state.user) return true;
    try {
      await enter();
      return true;
    } catch (error) {
      if (error instanceof SignedOut) return false;
      throw error;
    }
  },

  async signIn(login: string, password: string): Promise<void> {
    const before = state.user?.user;
    const { user } = await api.login({ login, password });
    if (before && before !== user.user) return location.reload(); // another person: nothing of the first may stay
    await enter();
  },

  async signOut(): Promise<void> {
    link.close();
    await api.logout().catch(() => undefined);
    location.assign("/login"); // a fresh page: nothing of this person stays in memory
  },
};

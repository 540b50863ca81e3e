/** The page's addresses. Which of them a role sees is decided by the server; here they are only not offered. */
import { createRouter, createWebHistory } from "vue-router";
import type { Role } from "@/protocol.gen";
import { session } from "@/state/session";

declare module "vue-router" {
  interface RouteMeta {
    open?: boolean; // no session needed
    roles?: Role[];
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/login", name: "login", component: () => import("@/views/LoginView.vue"), meta: { open: true } },
    { path: "/", component: () => import("@/views/LostView.vue") }, // never shown: the guard sends everyone home
    {
      path: "/desk/:call?", name: "desk", component: () => import("@/views/DeskView.vue"),
      meta: { roles: ["agent", "supervisor"] },
    },
    { path: "/tickets", name: "tickets", component: () => import("@/views/TicketsView.vue") },
    {
      path: "/tickets/new", name: "new", component: () => import("@/views/ManualView.vue"),
      meta: { roles: ["agent", "supervisor"] },
    },
    { path: "/tickets/:id", name: "ticket", component: () => import("@/views/TicketDetailView.vue") },
    {
      path: "/routing", name: "routing", component: () => import("@/views/RoutingView.vue"),
      meta: { roles: ["supervisor", "admin"] },
    },
    {
      path: "/live", name: "live", component: () => import("@/views/LiveView.vue"),
      meta: { roles: ["supervisor"] },
    },
    {
      path: "/trends", name: "trends", component: () => import("@/views/TrendsView.vue"),
      meta: { roles: ["analyst", "supervisor", "admin"] },
    },
    { path: "/:rest(.*)", name: "lost", component: () => import("@/views/LostView.vue") },
  ],
});

router.beforeEach(async (to) => {
  if (to.meta.open) return true;
  const signedIn = await session.resume().catch(() => false);
  if (!signedIn) return { name: "login", query: to.fullPath === "/" ? {} : { next: to.fullPath } };
  if (to.path === "/") return session.home.value;
  if (to.meta.roles && !session.is(...to.meta.roles)) return { path: "/not-yours", query: { why: "role" } };
  return true;
});

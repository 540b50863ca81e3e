/** The typed way to the server: one function per route, one error class per thing a caller handles differently. */
import type {
  AnyCommand, Article, CallList, CallView, CityView, EpisodeDetail, EpisodePage, EpisodeQuery, Health, Login, Me, Outcome, Refusal, RoutingPage, RoutingQuery,
  SignedIn, TicketPage, TicketQuery, TicketView, TrendQuery, TrendTable, WsTicket,
} from "@/protocol.gen";

/** The server answered, and the answer is no. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The session is gone. */
export class SignedOut extends Error {}

/** No answer: what was asked may or may not have happened. */
export class NoAnswer extends Error {}

const TIMEOUT_MS = 15_000;

async function call(method: "GET" | "POST", path: string, body?: unknown): Promise<Response> {
  const init: RequestInit = { method, signal: AbortSignal.timeout(TIMEOUT_MS), credentials: "same-origin" };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  try {
    return await fetch(path, init);
  } catch (error) {
    throw new NoAnswer(String(error));
  }
}

async function refusal(response: Response): Promise<Error> {
  const said = (await response.json().catch(() => ({}))) as Partial<Refusal>;
  if (response.status === 401 && said.error !== "bad_credentials") return new SignedOut(said.message ?? "");
  return new Refused(response.status, said.error ?? "", said.message ?? `HTTP ${response.status}`);
}

async function ask<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
  const response = await call(method, path, body);
  if (!response.ok) throw await refusal(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new NoAnswer(String(error));
  }
}

/** Query string of the fields that say something. */
export function query(fields: object): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return pairs.length ? `?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))}` : "";
}

export const api = {
  login: async (body: Login): Promise<SignedIn> => {
    const response = await call("POST", "/api/login", body);
    if (response.ok) return (await response.json()) as SignedIn;
    const said = (await response.json().catch(() => ({}))) as Partial<Refusal>;
    throw new Refused(response.status, said.error ?? "", said.message ?? "");
  },
  logout: () => ask<unknown>("POST", "/api/logout", {}),
  me: () => ask<Me>("GET", "/api/me"),
  /** Also when something is wrong with the house: the answer says what. */
  health: async (): Promise<Health> => (await (await call("GET", "/api/health")).json()) as Health,
  wsTicket: () => ask<WsTicket>("POST", "/api/ws-ticket", {}),
  city: () => ask<CityView>("GET", "/api/city"),
  article: (id: string) => ask<Article>("GET", `/api/articles/${encodeURIComponent(id)}`),
  calls: () => ask<CallList>("GET", "/api/calls"),
  call: (id: string) => ask<CallView>("GET", `/api/calls/${encodeURIComponent(id)}`),
  tickets: (filter: TicketQuery) => ask<TicketPage>("GET", `/api/tickets${query(filter)}`),
  ticket: (id: string) => ask<TicketView>("GET", `/api/tickets/${encodeURIComponent(id)}`),
  ticketsCsv: (filter: TicketQuery) => `/api/tickets.csv${query(filter)}`,
  routing: (filter: RoutingQuery) => ask<RoutingPage>("GET", `/api/routing${query(filter)}`),
  trends: (filter: TrendQuery) => ask<TrendTable>("GET", `/api/trends${query(filter)}`),
  episodes: (filter: EpisodeQuery) => ask<EpisodePage>("GET", `/api/episodes${query(filter)}`),
  episode: (id: string) => ask<EpisodeDetail>("GET", `/api/episodes/${encodeURIComponent(id)}`),
  trendsCsv: (filter: TrendQuery) => `/api/trends.csv${query(filter)}`,

  /** One try of a command. Every answer that carries an outcome is returned, whatever its status. */
  command: async (command: AnyCommand): Promise<Outcome> => {
    const response = await call("POST", "/api/commands", command);
    const said = (await response.json().catch(() => null)) as (Outcome & Partial<Refusal>) | null;
    if (said?.status) return said;
    if (response.status === 401) throw new SignedOut(said?.message ?? "");
    if (response.status >= 500 || !said) throw new NoAnswer(`HTTP ${response.status}`);
    throw new Refused(response.status, said.error ?? "", said.message ?? `HTTP ${response.status}`);
  },
};

// What the page asks of its api-server. Every call carries the viewer's token in a header, never in an address.

export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const STORED = "kilonova.session";

// The session of this tab: {token, user, project, role, expires}; null where nobody is logged in.
export function storedSession() {
  try {
    const session = JSON.parse(sessionStorage.getItem(STORED));
    return session && new Date(session.expires) > new Date() ? session : null;
  } catch {
    return null;
  }
}

export function storeSession(session) {
  if (session) sessionStorage.setItem(STORED, JSON.stringify(session));
  else sessionStorage.removeItem(STORED);
}

export const isAdmin = (session) => session.role === "admin";
export const mayChange = (session) => session.role === "admin" || session.role === "member";

async function refusalOf(response) {
  let said = {};
  try {
    said = (await response.json()).error ?? {};
  } catch {
    // What is no JSON says nothing that could be shown.
  }
  const message = said.message ?? `the api-server answered ${response.status} ${response.statusText}`;
  return new Refused(response.status, said.code ?? "", message);
}

async function fetched(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", credentials: "omit", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "unavailable", "the api-server cannot be reached");
  }
  if (!response.ok) throw await refusalOf(response);
  return response;
}

// Keystone's log-in. Refused with status 401 for a wrong name or password.
export async function logIn(user, password, project) {
  const domain = { id: "default" };
  const auth = {
    identity: { methods: ["password"], password: { user: { name: user, domain, password } } },
    scope: { project: { name: project, domain } },
  };
  const response = await fetched("/identity/v3/auth/tokens", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ auth }),
  });
  const { token } = await response.json();
  const names = token.roles.map((role) => role.name);
  const role = ["admin", "member", "reader"].find((name) => names.includes(name)) ?? "none";
  return {
    token: response.headers.get("X-Subject-Token"),
    user: token.user.name,
    project: token.project.name,
    role,
    expires: token.expires_at,
  };
}

// An operation of kilonova.v1.Cloud: its reply.
export async function ask(session, operation, fields = {}) {
  const response = await fetched(`/dashboard/v1/${operation}`, {
    method: "POST",
    headers: { "X-Auth-Token": session.token, "Content-Type": "application/json" },
    body: JSON.stringify(fields),
  });
  return response.json();
}

// Every page of a list; at most `most` rows.
export async function askAll(session, operation, rows, fields = {}, most = Infinity) {
  const all = [];
  for (let marker = ""; ; ) {
    const page = await ask(session, operation, { ...fields, marker });
    all.push(...page[rows]);
    const last = page[rows].at(-1);
    if (!page.more || !last || all.length >= most) return all;
    marker = last.id ?? last.name;
  }
}

export async function askHosts(session, { marker = "", host = "" } = {}) {
  const query = new URLSearchParams({ marker, host });
  const response = await fetched(`/dashboard/v1/hosts?${query}`, { headers: { "X-Auth-Token": session.token } });
  const page = await response.json();
  const hosts = page.hosts.map((row) => Object.fromEntries(page.columns.map((name, at) => [name, row[at]])));
  return { hosts, more: page.more };
}

// The stream of committed changes, event by event: {event: "open", data: {...}}. Ends when the server or the signal
// ends it. `onBytes` is called whenever something comes, were it only a sign of life.
export async function* events(session, signal, onBytes) {
  const admin = isAdmin(session);
  const query = new URLSearchParams({ all_projects: admin, cloud_events: admin });
  const response = await fetched(`/dashboard/v1/events?${query}`, {
    headers: { "X-Auth-Token": session.token, Accept: "text/event-stream" },
    signal,
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    onBytes();
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
      );
      if (fields.data) yield { event: fields.event ?? "message", data: JSON.parse(fields.data) };
    }
  }
}

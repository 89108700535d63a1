// The cloud as this viewer sees it: read once, then kept by the stream of committed changes. Nothing is polled.
import { ask, askAll, askHosts, events, isAdmin, Refused } from "./api.js";
import { Launches } from "./launches.js";

const MOST_SERVERS = 5000; // that are read at first, the newest
const MOST_KEPT = 20000; // beyond them the oldest are forgotten
const MOST_HELD = 2000; // pieces of the stream while the lists are read
const SILENCE_MS = 20000; // after which a stream is taken for dead: there is a sign of life each 5 s
const DIRTY_HOSTS = 64; // that are asked for one by one; more are read as pages
const WAITS_MS = [200, 1000, 2000, 5000];

function rowOf(server) {
  return {
    id: server.id,
    name: server.name,
    project: server.project_id,
    status: server.status,
    task: "",
    host: server.host,
    step: server.step === "none" ? "" : server.step,
    attempt: server.attempt,
    fault: server.fault?.message ?? "",
    flavor: server.flavor?.name ?? "",
    created: Number(server.created_at_us),
  };
}

export class Cloud {
  constructor(session, onExpired) {
    this.session = session;
    this.admin = isAdmin(session);
    this.onExpired = onExpired;
    this.servers = new Map();
    this.launches = new Launches();
    this.hosts = null; // a Map once the fleet was asked for
    this.hostsVersion = 0; // another one whenever something in it has changed
    this.faults = [];
    this.services = [];
    this.status = {};
    this.state = "connecting"; // or "reading", "live"
    this.why = "";
    this.clock = 0; // what is to be added to this machine's time to have the cloud's, in microseconds
    this.listeners = new Set();
    this.serverListeners = new Set();
    this.dirtyHosts = new Set();
    this.abort = new AbortController();
  }

  // Tells the function of changes, at most once a frame; returns how to end that.
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  // Tells the function of each event of servers; for who shows one.
  subscribeServers(listener) {
    this.serverListeners.add(listener);
    return () => this.serverListeners.delete(listener);
  }
  changed() {
    if (this.frame) return;
    this.frame = setTimeout(() => {
      this.frame = 0;
      for (const listener of this.listeners) listener();
    }, 50);
  }
  now() {
    return Date.now() * 1000 + this.clock;
  }

  close() {
    this.closed = true;
    this.abort.abort();
    clearTimeout(this.frame);
    clearTimeout(this.hostTimer);
    clearTimeout(this.serviceTimer);
  }

  // Ends when closed, or when the token is good no longer.
  async run() {
    for (let failures = 0; !this.closed; failures += 1) {
      try {
        await this.follow(() => (failures = 0));
      } catch (error) {
        if (this.closed) return;
        if (error instanceof Refused && error.status === 401) return this.onExpired(error.message);
        if (error.name !== "AbortError") this.why = error.message;
      }
      if (this.closed) return;
      this.state = "connecting";
      this.changed();
      await new Promise((resolve) => setTimeout(resolve, WAITS_MS[Math.min(failures, WAITS_MS.length - 1)]));
    }
  }

  async follow(onLive) {
    this.abort = new AbortController();
    const { abort } = this;
    let alarm = 0;
    const alive = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => abort.abort(), SILENCE_MS);
    };
    alive();
    this.held = [];
    try {
      for await (const { event, data } of events(this.session, abort.signal, alive)) {
        if (event === "end") {
          if (data.code === "unauthenticated") throw new Refused(401, data.code, data.message);
          this.why = data.message;
          return;
        }
        if (event === "open") {
          // What happens while the lists are read is told on top of them.
          this.read().then(onLive, (error) => {
            this.failure = error;
            abort.abort();
          });
        } else if (this.held) {
          this.held.push(data);
          if (this.held.length > MOST_HELD) throw new Error("more happens than can be read");
        } else {
          this.take(data);
        }
      }
    } catch (error) {
      const { failure } = this;
      this.failure = null;
      throw failure ?? error;
    } finally {
      clearTimeout(alarm);
    }
  }

  async read() {
    this.state = "reading";
    this.changed();
    const list = { limit: 500, all_projects: this.admin };
    const servers = await askAll(this.session, "ListServers", "servers", list, MOST_SERVERS);
    if (this.admin) {
      await this.readFaults();
      await this.readServices();
    } else {
      await this.readStatus();
    }
    // Oldest first, as new ones come behind them.
    this.servers = new Map(servers.reverse().map((server) => [server.id, rowOf(server)]));
    this.isPartial = servers.length >= MOST_SERVERS;
    if (this.hosts) await this.readHosts();
    const { held } = this;
    this.held = null;
    for (const data of held) this.take(data);
    this.state = "live";
    this.why = "";
    this.changed();
  }

  async readFaults() {
    this.faults = (await ask(this.session, "ListFaults")).rules;
    this.changed();
  }
  async readServices() {
    this.services = (await ask(this.session, "ListServices")).services;
    await this.readStatus();
  }
  async readStatus() {
    this.status = (await ask(this.session, "GetCloudStatus")).status ?? {};
    this.changed();
  }
  async readHosts() {
    const hosts = new Map();
    for (let marker = ""; ; ) {
      const page = await askHosts(this.session, { marker });
      for (const host of page.hosts) hosts.set(host.name, host);
      if (!page.more || !page.hosts.length) break;
      marker = page.hosts.at(-1).name;
    }
    this.hosts = hosts;
    this.hostsVersion += 1;
    this.dirtyHosts.clear();
    this.changed();
  }

  take({ servers, cloud }) {
    for (const event of servers) this.takeServer(event);
    for (const event of cloud) this.takeCloud(event);
    this.changed();
  }

  takeServer(event) {
    this.clock = event.time - Date.now() * 1000;
    this.launches.take(event);
    const before = this.servers.get(event.id);
    if (event.deleted) {
      this.servers.delete(event.id);
    } else {
      this.servers.set(event.id, {
        ...before,
        id: event.id,
        name: event.name,
        project: event.project,
        status: event.status,
        task: event.task,
        host: event.host,
        step: event.step || before?.step || "",
        attempt: event.attempt || before?.attempt || 0,
        fault: event.fault,
        created: before?.created ?? event.time,
      });
      if (this.servers.size > MOST_KEPT) {
        this.servers.delete(this.servers.keys().next().value);
        this.isPartial = true;
      }
    }
    if (this.hosts && (event.deleted || before?.host !== event.host)) {
      for (const name of [before?.host, event.host]) if (name) this.dirtyHosts.add(name);
      this.refreshHosts();
    }
    for (const listener of this.serverListeners) listener(event);
  }

  takeCloud(event) {
    if (event.rule) {
      const rule = this.faults.find((known) => known.id === event.rule);
      if (rule) rule.struck = event.struck;
      else this.readFaults().catch(() => {});
      return;
    }
    const host = this.hosts?.get(event.host);
    this.hostsVersion += 1;
    if (host) host.up = event.up ? 1 : 0;
    else if (this.hosts) this.dirtyHosts.add(event.host);
    clearTimeout(this.serviceTimer);
    this.serviceTimer = setTimeout(() => this.readServices().catch(() => {}), 300);
  }

  // What is used of a host that an event named is asked for, of many together.
  refreshHosts() {
    this.hostTimer ||= setTimeout(async () => {
      const names = [...this.dirtyHosts];
      this.dirtyHosts.clear();
      try {
        if (names.length > DIRTY_HOSTS) {
          await this.readHosts();
        } else {
          for (const host of names) {
            for (const known of (await askHosts(this.session, { host })).hosts) this.hosts.set(known.name, known);
          }
          this.hostsVersion += 1;
        }
        this.changed();
      } catch {
        for (const name of names) this.dirtyHosts.add(name);
      }
      this.hostTimer = 0;
      if (this.dirtyHosts.size) this.refreshHosts();
    }, 1000);
  }
}

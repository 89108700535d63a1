// One server: what it is, what may be done with it, how its launch went, and why it is where it is.
import { html, useEffect, useRef, useState } from "./htm/htm-preact.js";
import { ask, mayChange } from "./api.js";
import { clockTime, Refusal, span, State, Table, useCall } from "./ui.js";
import { Waterfall } from "./waterfall.js";
import { Why } from "./why.js";

const KIND = "SERVER_ACTION_KIND_";

// What is offered in which state; what may be done the api-server says.
const ACTIONS = [
  { title: "Stop", kind: "STOP", from: ["ACTIVE"] },
  { title: "Start", kind: "START", from: ["SHUTOFF"] },
  { title: "Reboot", kind: "REBOOT", from: ["ACTIVE"] },
  { title: "Hard reboot", kind: "REBOOT_HARD", from: ["ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "ERROR"] },
  { title: "Pause", kind: "PAUSE", from: ["ACTIVE"] },
  { title: "Unpause", kind: "UNPAUSE", from: ["PAUSED"] },
  { title: "Suspend", kind: "SUSPEND", from: ["ACTIVE"] },
  { title: "Resume", kind: "RESUME", from: ["SUSPENDED"] },
];

function Buttons({ cloud, server }) {
  const [busy, refusal, begin] = useCall();
  const act = (operation, fields) => begin(() => ask(cloud.session, operation, { server: server.id, ...fields }));
  const offered = ACTIONS.filter((action) => action.from.includes(server.status));
  return html`<div class="buttons">
      ${offered.map(
        (action) => html`<button key=${action.kind} disabled=${busy} onClick=${() => act("ServerAction", { action: KIND + action.kind })}>
          ${action.title}
        </button>`,
      )}
      <button class="danger" disabled=${busy} onClick=${() => act("DeleteServer", { all_projects: cloud.admin })}>Delete</button>
    </div>
    <${Refusal} text=${refusal} />`;
}

function Facts({ cloud, server }) {
  const addresses = server.addresses.map((address) => `${address.network}: ${address.ip}`).join(", ");
  const facts = [
    ["id", server.id],
    ["flavor", server.flavor?.name],
    ["image", server.image?.name],
    ["addresses", addresses || "none yet"],
    ["created", clockTime(server.created_at_us)],
    ["hosts tried", server.attempt],
    ...(cloud.admin ? [["host", server.host || "none"], ["project", server.project_id]] : []),
    ["fault", server.fault?.message],
    ["fault's details", server.fault?.details],
  ];
  return html`<dl class="facts">
    ${facts
      .filter(([, value]) => value)
      .map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

function Actions({ actions }) {
  return html`<${Table} label="What was asked of it, newest first" head=${["action", "result", "began", "took", "request"]}>
    ${actions.map((action) => {
      const over = Number(action.finished_at_us);
      const result = action.failed ? "failed" : over ? "done" : "under way";
      return html`<tr key=${action.request_id + action.action + action.started_at_us}>
        <td>${action.action}</td>
        <td><${State} of=${result} /> ${action.message}</td>
        <td>${clockTime(action.started_at_us)}</td>
        <td class="number">${over ? span(over - Number(action.started_at_us)) : ""}</td>
        <td>${action.request_id}</td>
      </tr>`;
    })}
  <//>`;
}

function Console({ cloud, id }) {
  const [output, setOutput] = useState(null);
  const [busy, refusal, begin] = useCall();
  const read = () =>
    begin(async () => setOutput((await ask(cloud.session, "GetConsoleOutput", { server: id, lines: 200 })).output));
  return html`<button disabled=${busy} onClick=${read}>${output === null ? "Read the console log" : "Read it again"}</button>
    <${Refusal} text=${refusal} />
    ${output === null ? "" : html`<pre tabindex="0" aria-label="Console log">${output}</pre>`}`;
}

// Reads the server now, and again after each event of it: one reading at a time.
function useServer(cloud, id) {
  const [shown, setShown] = useState({});
  const reading = useRef({ busy: false, again: false, closed: false });
  const read = async () => {
    const { current } = reading;
    if (current.busy) {
      current.again = true;
      return;
    }
    current.busy = true;
    const named = { server: id, all_projects: cloud.admin };
    try {
      const [record, { actions }] = await Promise.all([
        ask(cloud.session, "GetLaunchRecord", named),
        ask(cloud.session, "ListInstanceActions", named),
      ]);
      if (!current.closed) setShown({ ...record, actions });
    } catch (error) {
      if (!current.closed) setShown((before) => ({ ...before, refusal: error.message, gone: error.status === 404 }));
    }
    current.busy = false;
    if (current.again && !current.closed) {
      current.again = false;
      read();
    }
  };
  useEffect(() => {
    reading.current.closed = false;
    read();
    const end = cloud.subscribeServers((event) => event.id === id && read());
    return () => {
      reading.current.closed = true;
      end();
    };
  }, [cloud, id]);
  return shown;
}

export function ServerView({ cloud, id }) {
  const { server, steps, decisions, actions, refusal, gone } = useServer(cloud, id);
  if (!server)
    return html`<h1>Server</h1>
      <${Refusal} text=${refusal} />`;
  return html`
    <p><a href="#/servers">All servers</a></p>
    <h1>${server.name} <${State} of=${gone ? "deleted" : server.status} /></h1>
    <${Refusal} text=${gone ? "" : refusal} />
    ${mayChange(cloud.session) && !gone ? html`<${Buttons} cloud=${cloud} server=${server} />` : ""}
    <${Facts} cloud=${cloud} server=${server} />
    <h2>Its launch, step by step</h2>
    <${Waterfall} steps=${steps} />
    <h2>Why this host</h2>
    <${Why} decisions=${decisions} />
    <h2>Actions</h2>
    <${Actions} actions=${actions} />
    ${mayChange(cloud.session) && !gone
      ? html`<h2>Console</h2>
          <${Console} cloud=${cloud} id=${id} />`
      : ""}
  `;
}

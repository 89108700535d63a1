// Servers: what there is, and a form for more.
import { html, useState } from "./htm/htm-preact.js";
import { ask, mayChange } from "./api.js";
import { clockTime, Refusal, State, Table, useCall, useCloud } from "./ui.js";

const SHOWN = 100;

const Choice = ({ name, label, of, first }) => html`<label
  >${label}
  <select name=${name}>
    ${first === undefined ? "" : html`<option value="">${first}</option>`}
    ${of.map((one) => html`<option key=${one.id ?? one.name} value=${one.id ?? one.name}>${one.name}</option>`)}
  </select></label
>`;

function Create({ cloud }) {
  const [choices, setChoices] = useState(null);
  const [busy, refusal, begin] = useCall();
  const [done, setDone] = useState("");
  const { session } = cloud;
  const open = () =>
    begin(async () => {
      const [flavors, images, networks] = await Promise.all([
        ask(session, "ListFlavors"),
        ask(session, "ListImages"),
        ask(session, "ListNetworks"),
      ]);
      setChoices({ flavors: flavors.flavors, images: images.images, networks: networks.networks });
    });
  const submit = (event) => {
    event.preventDefault();
    const { name, flavor, image, network, count } = event.target.elements;
    const wanted = Number(count.value);
    const fields = { name: name.value, flavor: flavor.value, image: image.value, min_count: wanted, max_count: wanted };
    if (network.value) fields.networks = [network.value];
    begin(async () => {
      const { servers } = await ask(session, "CreateServers", fields);
      setDone(servers.length === 1 ? `${servers[0].name} is being launched.` : `${servers.length} servers are being launched.`);
      event.target.reset();
    });
  };
  return html`<details class="create" onToggle=${(event) => event.target.open && !choices && open()}>
    <summary>Create servers</summary>
    ${choices
      ? html`<form onSubmit=${submit}>
          <label>Name <input name="name" required maxlength="255" /></label>
          <${Choice} name="flavor" label="Flavor" of=${choices.flavors} />
          <${Choice} name="image" label="Image" of=${choices.images} />
          <${Choice} name="network" label="Network" of=${choices.networks} first="the project's own" />
          <label>Count <input name="count" type="number" min="1" max="1000" value="1" required /></label>
          <button disabled=${busy}>Create</button>
        </form>`
      : ""}
    <p role="status">${done}</p>
    <${Refusal} text=${refusal} />
  </details>`;
}

export function ServersView({ cloud }) {
  useCloud(cloud);
  const [text, setText] = useState("");
  const [status, setStatus] = useState("");
  const [most, setMost] = useState(SHOWN);
  const statuses = new Set();
  const found = [];
  for (const server of cloud.servers.values()) {
    statuses.add(server.status);
    const named = [server.name, server.id, server.host].some((one) => one.includes(text));
    if (named && (!status || server.status === status)) found.push(server);
  }
  found.sort((a, b) => b.created - a.created);
  const head = ["server", "status", "try", ...(cloud.admin ? ["host"] : []), "created", "fault"];
  return html`
    <h1>Servers</h1>
    ${mayChange(cloud.session) ? html`<${Create} cloud=${cloud} />` : ""}
    <form class="filter" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label>Search <input type="search" value=${text} onInput=${(event) => setText(event.target.value)} /></label>
      <label
        >Status
        <select value=${status} onChange=${(event) => setStatus(event.target.value)}>
          <option value="">any</option>
          ${[...statuses].sort().map((one) => html`<option key=${one} value=${one}>${one}</option>`)}
        </select></label
      >
      <span role="status">${found.length} of ${cloud.isPartial ? "the newest " : ""}${cloud.servers.size}</span>
    </form>
    <${Table} label="Servers, newest first" head=${head}>
      ${found.slice(0, most).map(
        (server) => html`<tr key=${server.id}>
          <td><a href="#/servers/${server.id}">${server.name}</a></td>
          <td><${State} of=${server.status} task=${server.task} /></td>
          <td class="number">${server.attempt || ""}</td>
          ${cloud.admin ? html`<td>${server.host}</td>` : ""}
          <td>${clockTime(server.created)}</td>
          <td class="fault">${server.fault}</td>
        </tr>`,
      )}
    <//>
    ${found.length > most ? html`<button onClick=${() => setMost(most + 10 * SHOWN)}>Show more</button>` : ""}
  `;
}

// The daemons as the controller sees them, and the cloud's figures.
import { html } from "./htm/htm-preact.js";
import { clockTime, Refusal, State, Table, useCall, useCloud } from "./ui.js";

export function DaemonsView({ cloud }) {
  useCloud(cloud);
  const [busy, refusal, begin] = useCall();
  const { status } = cloud;
  const figures = [
    ["servers", status.servers],
    ["active", status.active],
    ["building", status.building],
    ["in error", status.error],
    ["hosts", status.hosts],
    ["hosts up", status.hosts_up],
    ["claim conflicts", status.claim_conflicts],
    ["revision", status.revision],
  ];
  return html`
    <h1>Daemons</h1>
    <${Table} label="Daemons" head=${["daemon", "state", "since", "last heard", "hosts", "incarnation"]}>
      ${cloud.services.map(
        (service) => html`<tr key=${service.name}>
          <td>${service.name}</td>
          <td><${State} of=${service.connected ? "up" : "down"} /></td>
          <td>${clockTime(service.connected_since_us)}</td>
          <td>${clockTime(service.last_seen_us)}</td>
          <td class="number">${Number(service.hosts) || ""}</td>
          <td>${service.incarnation}</td>
        </tr>`,
      )}
    <//>
    <h2>The cloud</h2>
    <dl class="figures">
      ${figures.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value ?? "-"}</dd></div>`)}
    </dl>
    <p class="hint">As it was when this page was last connected, or a host last went up or down.</p>
    <button disabled=${busy} onClick=${() => begin(() => cloud.readServices())}>Read again</button>
    <${Refusal} text=${refusal} />
  `;
}

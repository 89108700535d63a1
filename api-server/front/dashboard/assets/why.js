// A scheduler's decision as a picture: how many hosts each filter left, and how the best ones were weighed.
import { html } from "./htm/htm-preact.js";
import { Table } from "./ui.js";

function Filters({ decision }) {
  const rows = [{ filter: "all hosts", hosts_left: decision.hosts_total }, ...decision.filters];
  const most = Math.max(1, decision.hosts_total);
  return html`<${Table} label="Hosts left after each filter" head=${["filter", "hosts left", "left out", ""]}>
    ${rows.map((row, at) => {
      const out = at === 0 ? 0 : rows[at - 1].hosts_left - row.hosts_left;
      return html`<tr key=${row.filter}>
        <td>${row.filter}</td>
        <td class="number">${row.hosts_left}</td>
        <td class="number">${out || ""}</td>
        <td class="track"><i style=${{ left: "0", width: `${(100 * row.hosts_left) / most}%` }}></i></td>
      </tr>`;
    })}
  <//>`;
}

const short = (value) => (Number.isFinite(value) ? value.toFixed(3) : String(value));

function Weights({ decision }) {
  const weighers = decision.weighed[0].scores.map((score) => score.weigher);
  const least = Math.min(0, ...decision.weighed.map((host) => host.weight));
  const most = Math.max(...decision.weighed.map((host) => host.weight));
  const width = (weight) => (most > least ? (100 * (weight - least)) / (most - least) : 100);
  return html`<${Table} label="The best hosts" head=${["host", "weight", ...weighers, ""]}>
    ${decision.weighed.map((host) => {
      const chosen = host.host === decision.chosen;
      return html`<tr key=${host.host} class=${chosen ? "chosen" : ""}>
        <td>${host.host}${chosen ? " (chosen)" : decision.alternates.includes(host.host) ? " (alternate)" : ""}</td>
        <td class="number">${short(host.weight)}</td>
        ${host.scores.map((score) => html`<td class="number" key=${score.weigher}>${short(score.weight)}</td>`)}
        <td class="track"><i class=${chosen ? "good" : ""} style=${{ left: "0", width: `${width(host.weight)}%` }}></i></td>
      </tr>`;
    })}
  <//>`;
}

function Decision({ decision }) {
  const chosen = decision.chosen
    ? `${decision.chosen}${decision.from_alternates ? ", the first alternate that still had room" : ""}`
    : decision.reason || "a host";
  return html`<section>
    <h3>Try ${decision.attempt}: ${chosen}</h3>
    <p>
      Decided by ${decision.scheduler || "a scheduler"}${decision.driver ? `, driver ${decision.driver}` : ""}.
      ${decision.chosen && decision.reason ? ` ${decision.reason}` : ""} ${decision.explanation}
    </p>
    ${decision.filters.length ? html`<${Filters} decision=${decision} />` : ""}
    ${decision.weighed.length && decision.weighed[0].scores.length ? html`<${Weights} decision=${decision} />` : ""}
  </section>`;
}

export function Why({ decisions }) {
  if (!decisions.length) return html`<p>No decision of a scheduler is recorded yet.</p>`;
  return decisions.map((decision) => html`<${Decision} key=${decision.epoch} decision=${decision} />`);
}

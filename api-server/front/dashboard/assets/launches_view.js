// Launches as they happen.
import { html } from "./htm/htm-preact.js";
import { Chart } from "./chart.js";
import { percentile } from "./launches.js";
import { STEPS, stepNumber } from "./steps.js";
import { clockTime, span, State, Table, useClock, useCloud } from "./ui.js";

const SERIES = [
  { label: "begun", kind: "busy", dash: [6, 4] },
  { label: "active", kind: "good" },
  { label: "failed", kind: "bad" },
];
const SHOWN = 50;
const RATE_SECONDS = 10;

function Figures({ launches, columns }) {
  const rate = (column) => column.slice(-RATE_SECONDS).reduce((sum, count) => sum + count, 0) / RATE_SECONDS;
  const totals = launches.ended.map((ended) => ended.total).sort((a, b) => a - b);
  const figures = [
    ["under way", launches.underWay.size],
    ["begun a second", rate(columns[1]).toFixed(1)],
    ["active a second", rate(columns[2]).toFixed(1)],
    ["failed", launches.counts.failed],
    ["took, median", span(percentile(totals, 0.5)) || "-"],
    ["took, 99 %", span(percentile(totals, 0.99)) || "-"],
  ];
  return html`<dl class="figures">
    ${figures.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

function Steps({ launches }) {
  return html`<${Table} label="Steps" head=${["#", "article", "step", "daemon", "median", "95 %", "99 %", "waiting"]}>
    ${launches.bySteps().map(
      (step, at) => html`<tr key=${step.name} class=${step.count || step.waiting ? "" : "dim"}>
        <td class="number">${at + 1}</td>
        <td>${step.article}</td>
        <td>${step.name}</td>
        <td>${step.daemon}</td>
        <td class="number">${span(step.p50)}</td>
        <td class="number">${span(step.p95)}</td>
        <td class="number">${span(step.p99)}</td>
        <td class="number">${step.waiting || ""}</td>
      </tr>`,
    )}
  <//>`;
}

function Stuck({ cloud }) {
  const stuck = cloud.launches.stuck(cloud.now());
  if (!stuck.length) return html`<p>No launch has been silent for more than ten seconds.</p>`;
  return html`<${Table} label="Stuck launches" head=${["server", "behind step", "host", "try", "silent for"]}>
    ${stuck.map(
      (launch) => html`<tr key=${launch.id}>
        <td><a href="#/servers/${launch.id}">${launch.name}</a></td>
        <td>${launch.step ?? ""}</td>
        <td>${launch.host}</td>
        <td class="number">${launch.attempt}</td>
        <td class="number">${span(cloud.now() - launch.changed)}</td>
      </tr>`,
    )}
  <//>`;
}

// The thirteen steps as a row of marks; the words beside it say the same.
function Progress({ launch }) {
  const done = stepNumber(launch.step);
  const word = launch.step ? `step ${done} of ${STEPS.length}, ${launch.step}` : "no step yet";
  return html`<span class="progress" role="img" aria-label=${word}>
    ${STEPS.map((step, at) => html`<i key=${step.name} class=${at < done ? launch.result || "busy" : ""}></i>`)}
  </span>`;
}

export function LaunchesView({ cloud }) {
  useCloud(cloud);
  useClock();
  const { launches } = cloud;
  const columns = launches.chart(cloud.now());
  return html`
    <h1>Launches</h1>
    <${Figures} launches=${launches} columns=${columns} />
    <${Chart} label="Launches begun, active and failed each second, of the last three minutes" series=${SERIES} columns=${columns} />
    <h2>As they happen</h2>
    ${launches.recent.length === 0
      ? html`<p>None since this page was opened. <a href="#/servers">Create a server</a>, and it is shown here.</p>`
      : ""}
    <${Table} label="Newest launches" head=${["server", "state", "steps", "host", "try", "begun", "took"]}>
      ${launches.recent.slice(0, SHOWN).map(
        (launch) => html`<tr key=${launch.id}>
          <td><a href="#/servers/${launch.id}">${launch.name}</a></td>
          <td><${State} of=${launch.result || "under way"} /></td>
          <td><${Progress} launch=${launch} /> ${launch.result ? "" : launch.step}</td>
          <td>${launch.host}</td>
          <td class="number">${launch.attempt}</td>
          <td>${clockTime(launch.begin)}</td>
          <td class="number">${span((launch.end || cloud.now()) - launch.begin)}</td>
        </tr>`,
      )}
    <//>
    <h2>How long until each step</h2>
    <p class="hint">
      From a launch's first commit, of the newest ${launches.ended.length} that became active on this page's watch. Steps that
      share a commit with a later one are not told alone.
    </p>
    <${Steps} launches=${launches} />
    <h2>Stuck</h2>
    <${Stuck} cloud=${cloud} />
  `;
}

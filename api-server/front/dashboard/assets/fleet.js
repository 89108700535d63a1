// The fleet: every host a cell of a canvas, a hundred thousand of them if there are so many.
import { html, useEffect, useMemo, useRef, useState } from "./htm/htm-preact.js";
import { ask } from "./api.js";
import { cellAt, Picture } from "./fleet_picture.js";
import { Refusal, State, useCall, useCloud } from "./ui.js";

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const COLOURINGS = [
  { name: "fill", title: "how full it is" },
  { name: "state", title: "its state" },
  { name: "zone", title: "its zone" },
];

export const stateOf = (host) => (host.forced_down ? "forced down" : !host.up ? "down" : host.enabled ? "up" : "disabled");

function Details({ cloud, host }) {
  const [busy, refusal, begin] = useCall();
  const act = (operation, fields) =>
    begin(async () => {
      await ask(cloud.session, operation, { host: host.name, ...fields });
      cloud.dirtyHosts.add(host.name);
      cloud.refreshHosts();
    });
  const facts = [
    ["zone", host.zone],
    ["carried by", host.process],
    ["servers", host.instances],
    ["vcpus", `${host.vcpus_used} of ${host.vcpus}`],
    ["memory", `${host.memory_mb_used} of ${host.memory_mb} MiB`],
    ["disk", `${host.disk_gb_used} of ${host.disk_gb} GB`],
  ];
  return html`<section aria-label="Host" class="details">
    <h2>${host.name} <${State} of=${stateOf(host)} /></h2>
    <dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    <div class="buttons">
      <button disabled=${busy} onClick=${() => act("SetHostEnabled", { enabled: !host.enabled })}>
        ${host.enabled ? "Disable" : "Enable"}
      </button>
      <button disabled=${busy} onClick=${() => act("SetHostForcedDown", { forced_down: !host.forced_down })}>
        ${host.forced_down ? "Force up" : "Force down"}
      </button>
      <button class="danger" disabled=${busy} onClick=${() => act("SetHostPower", { on: false })}>Take its power</button>
      <button disabled=${busy} onClick=${() => act("SetHostPower", { on: true })}>Give it power</button>
    </div>
    <${Refusal} text=${refusal} />
  </section>`;
}

function Legend({ entries }) {
  return html`<ul class="legend">
    ${entries.map(([name, colour]) => html`<li key=${name}><i style=${{ background: colour }}></i>${name}</li>`)}
  </ul>`;
}

// The canvas with its picture: draws what has changed in the next frame, and never more often.
function useCanvas(hosts, colouring, found, chosen) {
  const canvas = useRef(null);
  const picture = useRef(null);
  useEffect(() => {
    picture.current = new Picture(canvas.current);
    const resized = new ResizeObserver(() => picture.current.resize());
    resized.observe(canvas.current);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const recolour = () => picture.current.recolour();
    dark.addEventListener("change", recolour);
    return () => {
      resized.disconnect();
      dark.removeEventListener("change", recolour);
      picture.current.close();
    };
  }, []);
  useEffect(() => picture.current.show(hosts, colouring, found, chosen), [hosts, colouring, found, chosen]);
  return [canvas, picture];
}

export function FleetView({ cloud }) {
  useCloud(cloud);
  const [, refusal, begin] = useCall();
  const [colouring, setColouring] = useState("fill");
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState("");
  useEffect(() => {
    if (!cloud.hosts) begin(() => cloud.readHosts());
  }, [cloud]);
  const hosts = useMemo(() => [...(cloud.hosts?.values() ?? [])], [cloud.hostsVersion]);
  const up = useMemo(() => hosts.filter((host) => host.up && !host.forced_down).length, [hosts]);
  const found = useMemo(() => {
    const matches = hosts.filter((host) => host.name.includes(text) || host.zone === text);
    return text ? new Set(matches.map((host) => host.name)) : null;
  }, [hosts, text]);
  const [canvas, picture] = useCanvas(hosts, colouring, found, chosen);
  const host = cloud.hosts?.get(chosen);
  const pick = (event) => setChosen(hosts[cellAt(picture.current, event)]?.name ?? "");
  const move = (event) => {
    if (event.key === "+" || event.key === "-") return picture.current.zoom(event.key === "+" ? 1.5 : 1 / 1.5);
    const way = KEYS[event.key];
    if (!way || !hosts.length) return undefined;
    event.preventDefault();
    const at = Math.max(0, hosts.findIndex((one) => one.name === chosen));
    const next = chosen ? at + way[0] + way[1] * picture.current.columns : 0;
    if (hosts[next]) setChosen(hosts[next].name);
    return undefined;
  };
  return html`
    <h1>Fleet</h1>
    <${Refusal} text=${refusal} />
    <form class="filter" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label
        >Colour by
        <select value=${colouring} onChange=${(event) => setColouring(event.target.value)}>
          ${COLOURINGS.map((one) => html`<option key=${one.name} value=${one.name}>${one.title}</option>`)}
        </select></label
      >
      <label>Find <input type="search" value=${text} placeholder="host or zone" onInput=${(event) => setText(event.target.value)} /></label>
      <button type="button" onClick=${() => picture.current.zoom(1.5)}>Zoom in</button>
      <button type="button" onClick=${() => picture.current.zoom(1 / 1.5)}>Zoom out</button>
      <span role="status"
        >${cloud.hosts ? `${up} of ${hosts.length} hosts up${text ? `, ${found.size} found` : ""}` : "Reading the hosts"}</span
      >
    </form>
    <${Legend} entries=${picture.current?.legend(colouring) ?? []} />
    <div class="fleet">
      <canvas
        ref=${canvas}
        tabindex="0"
        role="img"
        aria-label="Hosts, a cell each: choose one with a click or the arrow keys, zoom with plus and minus"
        onClick=${pick}
        onKeyDown=${move}
        onMouseMove=${(event) => picture.current.hover(event)}
        onWheel=${(event) => picture.current.wheel(event)}
      ></canvas>
    </div>
    <div aria-live="polite">${host ? html`<${Details} cloud=${cloud} host=${host} />` : html`<p class="hint">No host is chosen.</p>`}</div>
  `;
}

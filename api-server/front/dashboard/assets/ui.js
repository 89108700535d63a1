// What the views share: forms of times and states, and how they follow the cloud.
import { html, useEffect, useState } from "./htm/htm-preact.js";

// Draws the view anew when the cloud changes.
export function useCloud(cloud) {
  const [, redraw] = useState(0);
  useEffect(() => cloud.subscribe(() => redraw((count) => count + 1)), [cloud]);
}

// Draws the view anew each second, for what is said of "now".
export function useClock() {
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
}

// A call on behalf of the viewer: [busy, what was refused, how to begin one].
export function useCall() {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  const begin = async (work) => {
    setBusy(true);
    setRefusal("");
    try {
      return await work();
    } catch (error) {
      setRefusal(error.message);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return [busy, refusal, begin];
}

// Microseconds: "412 us", "3.1 ms", "2.4 s", "5 min 10 s".
export function span(us) {
  if (us === undefined || us === null || Number.isNaN(us)) return "";
  if (us < 1000) return `${Math.round(us)} us`;
  if (us < 1e6) return `${(us / 1e3).toFixed(us < 1e4 ? 1 : 0)} ms`;
  if (us < 120e6) return `${(us / 1e6).toFixed(us < 1e7 ? 2 : 1)} s`;
  return `${Math.floor(us / 60e6)} min ${Math.round((us % 60e6) / 1e6)} s`;
}

// Microseconds since 1970, in the viewer's own time.
export const clockTime = (us) => (Number(us) ? new Date(Number(us) / 1000).toLocaleTimeString() : "");

const GOOD = ["ACTIVE", "active", "up"];
const BAD = ["ERROR", "failed", "down"];
const BUSY = ["BUILD", "REBOOT", "HARD_REBOOT", "RESIZE", "MIGRATING", "REBUILD", "under way"];

// A state is a word with a sign beside it: never a colour alone.
export function State({ of, task }) {
  const kind = BAD.includes(of) ? "bad" : GOOD.includes(of) ? "good" : BUSY.includes(of) || task ? "busy" : "rest";
  return html`<span class="state ${kind}">${of}${task ? html`<span class="task"> ${task}</span>` : ""}</span>`;
}

export const Refusal = ({ text }) => (text ? html`<p class="refusal" role="alert">${text}</p>` : "");

// Headings above numbers, which stand at the right.
const NUMBERS = new Set(["#", "try", "took", "start", "median", "95 %", "99 %", "waiting", "silent for", "hosts left", "left out",
  "weight", "hits", "left", "rule"]);

// A table in a frame of its own, which scrolls where the window is narrow.
export function Table({ label, head, children }) {
  return html`<div class="scroll" role="region" aria-label=${label} tabindex="0">
    <table>
      <caption>${label}</caption>
      <thead><tr>${head.map((name) => html`<th scope="col" key=${name} class=${NUMBERS.has(name) ? "number" : ""}>${name}</th>`)}</tr></thead>
      <tbody>${children}</tbody>
    </table>
  </div>`;
}

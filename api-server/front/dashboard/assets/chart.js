// A chart over time, which follows the viewer's colours.
import { html, useEffect, useRef } from "./htm/htm-preact.js";
import uPlot from "./uplot/uPlot.js";

const HEIGHT = 180;

const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString();

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colourOf = (kind) => colour(`--${kind}`);

// series: [{label, kind: "good", dash}], columns: [seconds since 1970, values of each series...].
export function Chart({ label, series, columns }) {
  const place = useRef(null);
  const plot = useRef(null);
  useEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const draw = () => {
      plot.current?.destroy();
      const line = { stroke: colour("--line"), width: 1 };
      const axis = { stroke: colour("--text"), grid: line, ticks: line };
      const lines = series.map((one) => ({
        label: one.label,
        stroke: colourOf(one.kind),
        width: 2,
        dash: one.dash,
        points: { show: false },
      }));
      const options = {
        width: place.current.clientWidth,
        height: HEIGHT,
        series: [{}, ...lines],
        axes: [{ ...axis, space: 110, values: (_, times) => times.map(clock) }, { ...axis, size: 44 }],
        scales: { y: { range: (_, least, most) => [0, Math.max(1, most)] } },
        legend: { show: false },
        cursor: { show: false },
      };
      plot.current = new uPlot(options, columns, place.current);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current.setSize({ width: place.current.clientWidth, height: HEIGHT }));
    resized.observe(place.current);
    dark.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      dark.removeEventListener("change", draw);
      plot.current.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(columns));
  return html`<div class="chart" role="img" aria-label=${label} ref=${place}></div>
    <ul class="legend">
      ${series.map((one) => html`<li key=${one.label}><i class="line ${one.kind} ${one.dash ? "dashed" : ""}"></i>${one.label}</li>`)}
    </ul>`;
}

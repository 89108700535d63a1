// The steps of a launch as a waterfall: try by try, each with its article's number, daemon, host and time.
import { html } from "./htm/htm-preact.js";
import { STEPS, stepName, stepNumber } from "./steps.js";
import { span, Table } from "./ui.js";

// The steps in order of their beginning, in microseconds from the first one's.
export function laidOut(records) {
  const steps = records.map((record) => {
    const name = stepName(record.step);
    const info = STEPS[stepNumber(name) - 1] ?? { article: "-" };
    return { ...record, name, article: info.article, start: Number(record.start_us), took: Number(record.duration_us) };
  });
  steps.sort((a, b) => Number(a.epoch) - Number(b.epoch) || stepNumber(a.name) - stepNumber(b.name));
  const begin = Math.min(...steps.map((step) => step.start));
  const total = Math.max(1, ...steps.map((step) => step.start - begin + step.took));
  for (const step of steps) {
    step.offset = step.start - begin;
    step.left = Math.max(0, (100 * step.offset) / total);
    step.width = (100 * step.took) / total;
  }
  return { steps, total };
}

export function Waterfall({ steps: records }) {
  if (!records.length) return html`<p>No step of it is recorded yet.</p>`;
  const { steps, total } = laidOut(records);
  const tries = new Set(steps.filter((step) => step.attempt).map((step) => step.epoch)).size;
  const failed = steps.filter((step) => step.fault);
  return html`
    <p>
      ${steps.length} steps in ${span(total)}, ${tries} ${tries === 1 ? "try" : "tries"}${failed.length
        ? `, ${failed.length} failed: ${failed.map((step) => `${step.name} on ${step.host || step.daemon}`).join(", ")}`
        : ""}.
    </p>
    <${Table} label="Steps of its launch" head=${["#", "article", "step", "daemon", "host", "try", "start", "took", "when"]}>
      ${steps.map(
        (step) => html`<tr key=${step.epoch + step.name} class=${step.fault ? "failed" : ""}>
          <td class="number">${stepNumber(step.name)}</td>
          <td>${step.article}</td>
          <td>
            ${step.name}${step.fault
              ? html`<span class="fault">
                  ${step.fault}${Number(step.fault_rule) ? ` (fault rule ${step.fault_rule})` : ""}</span
                >`
              : ""}
          </td>
          <td class="name">${step.daemon}</td>
          <td class="name">${step.host}</td>
          <td class="number">${step.attempt}</td>
          <td class="number">+${span(step.offset)}</td>
          <td class="number">${span(step.took)}</td>
          <td class="track"><i class=${step.fault ? "bad" : ""} style=${{ left: `${step.left}%`, width: `${step.width}%` }}></i></td>
        </tr>`,
      )}
    <//>
  `;
}

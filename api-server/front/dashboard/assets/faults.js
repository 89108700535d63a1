// Fault rules: what is to go wrong on purpose, and how often it has.
import { html } from "./htm/htm-preact.js";
import { ask } from "./api.js";
import { STEPS, stepName } from "./steps.js";
import { Refusal, span, Table, useCall, useCloud } from "./ui.js";

// What a rule may do: the words of the form, and the fields of the rule.
const OUTCOMES = [
  { title: "fails, and another host is tried", fields: { fails: true } },
  { title: "fails, and the server goes to ERROR", fields: { fails: true, aborts: true } },
  { title: "is only delayed", fields: { fails: false } },
  { title: "hangs until the rule is cleared", fields: { fails: false, effect: "FAULT_EFFECT_HANG" } },
  { title: "is done, and its message is lost", fields: { fails: false, effect: "FAULT_EFFECT_DROP" } },
  { title: "takes its daemon down", fields: { fails: false, effect: "FAULT_EFFECT_CRASH" } },
];

const wherever = (rule) => rule.http || rule.action || stepName(rule.step);

function whatHappens(rule) {
  const said = [];
  if (Number(rule.delay_us)) said.push(`waits ${span(Number(rule.delay_us))}`);
  if (rule.fails) said.push(rule.aborts ? "ends in ERROR" : "fails");
  if (rule.effect && rule.effect !== "FAULT_EFFECT_UNSPECIFIED") said.push(rule.effect.replace("FAULT_EFFECT_", "").toLowerCase());
  return said.join(", ");
}

function Add({ cloud }) {
  const [busy, refusal, begin] = useCall();
  const submit = (event) => {
    event.preventDefault();
    const form = event.target.elements;
    const rule = {
      step: `LAUNCH_STEP_${form.step.value.toUpperCase()}`,
      host_pattern: form.host.value,
      server_pattern: form.server.value,
      count: form.count.value || "-1",
      delay_us: String(Math.round(Number(form.delay.value || 0) * 1000)),
      message: form.message.value,
      ...OUTCOMES[form.outcome.value].fields,
    };
    begin(async () => {
      await ask(cloud.session, "AddFault", { rule });
      event.target.reset();
      await cloud.readFaults();
    });
  };
  return html`<details class="create">
    <summary>Add a fault</summary>
    <form onSubmit=${submit}>
      <label
        >At step
        <select name="step">
          ${STEPS.map((step) => html`<option key=${step.name} value=${step.name} selected=${step.name === "guest_started"}>${step.name}</option>`)}
        </select></label
      >
      <label
        >It
        <select name="outcome">
          ${OUTCOMES.map((outcome, at) => html`<option key=${at} value=${at}>${outcome.title}</option>`)}
        </select></label
      >
      <label>Times <input name="count" type="number" min="1" placeholder="until cleared" /></label>
      <label>After a delay of, ms <input name="delay" type="number" min="0" placeholder="0" /></label>
      <label>On hosts <input name="host" placeholder="any; host-1*" /></label>
      <label>For servers <input name="server" placeholder="any; web*" /></label>
      <label>Message <input name="message" maxlength="255" placeholder="a standard one" /></label>
      <button disabled=${busy}>Add</button>
    </form>
    <${Refusal} text=${refusal} />
  </details>`;
}

export function FaultsView({ cloud }) {
  useCloud(cloud);
  const [busy, refusal, begin] = useCall();
  const clear = (id) =>
    begin(async () => {
      await ask(cloud.session, "ClearFaults", { id });
      await cloud.readFaults();
    });
  const head = ["rule", "where", "hosts", "servers", "what happens", "hits", "left", ""];
  return html`
    <h1>Faults</h1>
    <${Add} cloud=${cloud} />
    <${Refusal} text=${refusal} />
    ${cloud.faults.length === 0 ? html`<p>No fault rule is set: nothing goes wrong on purpose.</p>` : ""}
    <${Table} label="Fault rules" head=${head}>
      ${cloud.faults.map(
        (rule) => html`<tr key=${rule.id}>
          <td class="number">${rule.id}</td>
          <td>${wherever(rule)}</td>
          <td>${rule.host_pattern || "any"}</td>
          <td>${rule.server_pattern || "any"}</td>
          <td>${whatHappens(rule)}${rule.message ? html` <span class="fault">${rule.message}</span>` : ""}</td>
          <td class="number">${rule.struck}</td>
          <td class="number">${Number(rule.count) < 0 ? "no end" : rule.count}</td>
          <td><button disabled=${busy} aria-label="Clear rule ${rule.id}" onClick=${() => clear(rule.id)}>Clear</button></td>
        </tr>`,
      )}
    <//>
    ${cloud.faults.length > 1 ? html`<button disabled=${busy} onClick=${() => clear("0")}>Clear all</button>` : ""}
  `;
}

// Launches as the stream tells of them: how many begin and end, how long each step takes, and what is stuck where.
import { STEPS, stepNumber } from "./steps.js";

const SECONDS = 180; // that the chart shows
const SAMPLES = 5000; // newest ends that percentiles are of
const SHOWN = 200; // newest launches that are kept once they are over
const MOST = 50000; // launches that are remembered in all

const secondOf = (time) => Math.floor(time / 1e6);

// The value below which so many of the sorted ones lie (nearest rank); undefined of none.
export function percentile(sorted, part) {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}

export class Launches {
  constructor() {
    this.underWay = new Map(); // by id, oldest first
    this.recent = []; // begun last first; {id, name, begin, end, step, steps, result, ...}
    this.ended = []; // newest last: {total, steps}
    this.seconds = new Map(); // second -> {begun, active, failed}
    this.counts = { begun: 0, active: 0, failed: 0 };
  }

  count(time, what) {
    const second = secondOf(time);
    const counted = this.seconds.get(second) ?? { begun: 0, active: 0, failed: 0 };
    counted[what] += 1;
    this.counts[what] += 1;
    this.seconds.set(second, counted);
    for (const old of this.seconds.keys()) {
      if (old >= second - SECONDS) break;
      this.seconds.delete(old);
    }
  }

  // One event of the stream.
  take(event) {
    let launch = this.underWay.get(event.id);
    if (event.deleted) {
      if (launch) this.end(launch, event, "deleted");
      return;
    }
    if (event.status === "BUILD") {
      launch ??= this.begin(event);
      this.reach(launch, event);
    } else if (launch) {
      this.reach(launch, event);
      this.end(launch, event, event.status === "ERROR" ? "failed" : "active");
    }
  }

  begin(event) {
    // Who was not there at its beginning does not know how long it took.
    const whole = stepNumber(event.step) <= stepNumber("schedule_cast") && event.attempt <= 1;
    const launch = { id: event.id, begin: event.time, whole, steps: {}, end: 0, result: "" };
    this.underWay.set(event.id, launch);
    if (this.underWay.size > MOST) this.underWay.delete(this.underWay.keys().next().value);
    this.recent.unshift(launch);
    if (this.recent.length > SHOWN) this.recent.length = SHOWN;
    if (whole) this.count(event.time, "begun");
    return launch;
  }

  reach(launch, event) {
    if (event.epoch !== launch.epoch) launch.steps = {};
    Object.assign(launch, {
      name: event.name,
      host: event.host,
      epoch: event.epoch,
      attempt: event.attempt || launch.attempt || 1,
      changed: event.time,
      fault: event.fault,
    });
    if (!event.step) return;
    launch.step = event.step;
    launch.steps[event.step] ??= event.time;
  }

  end(launch, event, result) {
    this.underWay.delete(launch.id);
    launch.end = event.time;
    launch.result = result;
    if (result === "deleted") return;
    this.count(event.time, result);
    if (result !== "active") return;
    launch.steps.active ??= event.time;
    launch.step = "active";
    if (!launch.whole) return;
    const steps = Object.fromEntries(Object.entries(launch.steps).map(([name, time]) => [name, time - launch.begin]));
    this.ended.push({ total: event.time - launch.begin, steps });
    if (this.ended.length > SAMPLES) this.ended.splice(0, this.ended.length - SAMPLES);
  }

  // Columns for the chart, up to this second: [seconds, begun, active, failed].
  chart(now) {
    const columns = [[], [], [], []];
    for (let second = secondOf(now) - SECONDS; second < secondOf(now); second += 1) {
      const counted = this.seconds.get(second);
      columns[0].push(second);
      columns[1].push(counted?.begun ?? 0);
      columns[2].push(counted?.active ?? 0);
      columns[3].push(counted?.failed ?? 0);
    }
    return columns;
  }

  // Of each step that was told: after which time it was reached, and how many launches wait behind it.
  bySteps() {
    const waiting = new Map();
    for (const launch of this.underWay.values()) waiting.set(launch.step, (waiting.get(launch.step) ?? 0) + 1);
    return STEPS.map((step) => {
      const times = this.ended.map((ended) => ended.steps[step.name]).filter((time) => time !== undefined);
      times.sort((a, b) => a - b);
      return {
        ...step,
        count: times.length,
        p50: percentile(times, 0.5),
        p95: percentile(times, 0.95),
        p99: percentile(times, 0.99),
        waiting: waiting.get(step.name) ?? 0,
      };
    });
  }

  // Nothing was heard of them for so long; the longest first.
  stuck(now, limit = 10e6) {
    const found = [];
    for (const launch of this.underWay.values()) if (now - launch.changed > limit) found.push(launch);
    return found.sort((a, b) => a.changed - b.changed).slice(0, 20);
  }
}

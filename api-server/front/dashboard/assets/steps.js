// The steps of a launch, as lib/domain/launch_steps.cc has them: a test holds the two equal.
export const STEPS = [
  { name: "request_accepted", article: "1", daemon: "api" },
  { name: "instance_created", article: "1", daemon: "controller" },
  { name: "schedule_cast", article: "2", daemon: "controller" },
  { name: "host_selected", article: "3", daemon: "scheduler" },
  { name: "run_cast", article: "3", daemon: "scheduler" },
  { name: "claimed", article: "4", daemon: "compute" },
  { name: "network_requested", article: "5, 6", daemon: "compute" },
  { name: "address_allocated", article: "7, 8", daemon: "network" },
  { name: "block_devices_mapped", article: "-", daemon: "compute" },
  { name: "image_ready", article: "-", daemon: "compute" },
  { name: "guest_defined", article: "-", daemon: "compute" },
  { name: "guest_started", article: "-", daemon: "compute" },
  { name: "active", article: "-", daemon: "controller" },
];

const NUMBER_OF = new Map(STEPS.map((step, index) => [step.name, index + 1]));

// 1 to 13; 0 for no step.
export const stepNumber = (name) => NUMBER_OF.get(name) ?? 0;

// "LAUNCH_STEP_CLAIMED" of the public service is "claimed".
export const stepName = (value) => value.replace("LAUNCH_STEP_", "").toLowerCase();

// The cells of the fleet on their canvas. A small picture has a pixel for each host, and is made anew when hosts change;
// what is shown is that one, enlarged: zooming a fleet of a hundred thousand costs one copy a frame.

const GAP_FROM = 4; // pixels of a cell from which on there is a line between two

// "#2265a3" as the bytes of a pixel.
const pixel = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const FILLS = ["--fill-0", "--fill-1", "--fill-2", "--fill-3", "--fill-4", "--fill-5"];
const ZONES = ["--zone-0", "--zone-1", "--zone-2", "--zone-3", "--zone-4", "--zone-5"];

// 0 for an empty host, 1 for one whose scarcest resource is used up or oversold.
export function fillOf(host) {
  const parts = ["vcpus", "memory_mb", "disk_gb"].map((name) => (host[name] ? host[`${name}_used`] / host[name] : 0));
  return Math.min(1, Math.max(...parts));
}

// The index of the cell under a pointer's event; -1 for none.
export function cellAt(picture, event) {
  const box = picture.canvas.getBoundingClientRect();
  const x = Math.floor((event.clientX - box.left + picture.x) / picture.size);
  const y = Math.floor((event.clientY - box.top + picture.y) / picture.size);
  const index = y * picture.columns + x;
  return x >= 0 && x < picture.columns && y >= 0 && index < picture.hosts.length ? index : -1;
}

export class Picture {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.cells = document.createElement("canvas");
    this.hosts = [];
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.recolour();
  }

  recolour() {
    this.palette = {
      fills: FILLS.map(colour),
      zones: ZONES.map(colour),
      up: colour("--good"),
      down: colour("--bad"),
      disabled: colour("--busy"),
      ground: colour("--ground"),
      mark: colour("--text"),
    };
    this.stale = true;
    this.draw();
  }

  show(hosts, colouring, found, chosen) {
    Object.assign(this, { hosts, colouring, found, chosen });
    this.zones = new Map();
    for (const host of hosts) if (!this.zones.has(host.zone)) this.zones.set(host.zone, this.zones.size);
    this.stale = true;
    this.resize();
  }

  // Cells are as large as lets all of them in, times the zoom.
  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const ratio = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * ratio)) this.canvas.width = Math.round(width * ratio);
    if (this.canvas.height !== Math.round(height * ratio)) this.canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const count = Math.max(1, this.hosts.length);
    let size = Math.min(40, Math.sqrt((width * height) / count));
    while (size > 1 && Math.ceil(count / Math.max(1, Math.floor(width / size))) * size > height) size *= 0.98;
    const columns = Math.max(1, Math.floor(width / size));
    this.stale ||= columns !== this.columns;
    this.columns = columns;
    this.size = size * this.scale;
    this.clamp();
    this.draw();
  }

  clamp() {
    const rows = Math.ceil(this.hosts.length / this.columns);
    this.x = Math.max(0, Math.min(this.x, this.columns * this.size - this.canvas.clientWidth));
    this.y = Math.max(0, Math.min(this.y, rows * this.size - this.canvas.clientHeight));
  }

  // About a point of the canvas; its middle, or the chosen host, where none is given.
  zoom(factor, at) {
    const before = this.scale;
    this.scale = Math.max(1, Math.min(60, before * factor));
    const real = this.scale / before;
    const chosen = this.hosts.findIndex((host) => host.name === this.chosen);
    const centre = { x: this.canvas.clientWidth / 2, y: this.canvas.clientHeight / 2 };
    if (!at && chosen >= 0) {
      this.x = ((chosen % this.columns) + 0.5) * this.size - centre.x;
      this.y = (Math.floor(chosen / this.columns) + 0.5) * this.size - centre.y;
    }
    const point = at ?? centre;
    this.x = (this.x + point.x) * real - point.x;
    this.y = (this.y + point.y) * real - point.y;
    this.resize();
  }

  wheel(event) {
    event.preventDefault();
    const box = this.canvas.getBoundingClientRect();
    this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, { x: event.clientX - box.left, y: event.clientY - box.top });
  }

  hover(event) {
    const host = this.hosts[cellAt(this, event)];
    if (event.buttons & 1) {
      this.x -= event.movementX;
      this.y -= event.movementY;
      this.clamp();
      this.draw();
    }
    this.canvas.title = host ? `${host.name}, zone ${host.zone}, ${host.instances} servers, ${Math.round(100 * fillOf(host))} % full` : "";
  }

  legend(colouring) {
    const { palette } = this;
    if (colouring === "state") return [["up", palette.up], ["disabled", palette.disabled], ["down", palette.down]];
    if (colouring === "zone")
      return [...(this.zones ?? [])].map(([zone, at]) => [zone, palette.zones[at % ZONES.length]]).slice(0, ZONES.length);
    return palette.fills.map((shade, at) => [at === 0 ? "empty" : `to ${20 * at} %`, shade]);
  }

  colourOf(host) {
    const { palette } = this;
    if (!host.up || host.forced_down) return palette.down;
    if (this.colouring === "state") return host.enabled ? palette.up : palette.disabled;
    if (this.colouring === "zone") return palette.zones[this.zones.get(host.zone) % ZONES.length];
    return palette.fills[Math.ceil(fillOf(host) * (FILLS.length - 1))];
  }

  draw() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  // A pixel for each host.
  fill() {
    const { hosts, columns, cells } = this;
    cells.width = columns;
    cells.height = Math.max(1, Math.ceil(hosts.length / columns));
    const context = cells.getContext("2d");
    const image = context.createImageData(cells.width, cells.height);
    const pixels = new Map();
    hosts.forEach((host, at) => {
      const shade = this.colourOf(host);
      if (!pixels.has(shade)) pixels.set(shade, pixel(shade));
      image.data.set(pixels.get(shade), 4 * at);
      image.data[4 * at + 3] = this.found && !this.found.has(host.name) ? 40 : 255;
    });
    context.putImageData(image, 0, 0);
    this.stale = false;
  }

  paint() {
    const { context, canvas, columns, size, hosts } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    context.fillStyle = this.palette.ground;
    context.fillRect(0, 0, width, height);
    if (!hosts.length) return;
    if (this.stale) this.fill();
    const rows = this.cells.height;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.cells, -this.x, -this.y, columns * size, rows * size);
    if (size >= GAP_FROM) this.rule(width, height, size);
    this.markChosen(size);
  }

  // Lines between the cells.
  rule(width, height, size) {
    const { context } = this;
    context.beginPath();
    for (let x = size - (this.x % size); x < width; x += size) {
      context.moveTo(x, 0);
      context.lineTo(x, height);
    }
    for (let y = size - (this.y % size); y < height; y += size) {
      context.moveTo(0, y);
      context.lineTo(width, y);
    }
    context.strokeStyle = this.palette.ground;
    context.lineWidth = 1;
    context.stroke();
  }

  markChosen(size) {
    const chosen = this.hosts.findIndex((host) => host.name === this.chosen);
    if (chosen < 0) return;
    const column = chosen % this.columns;
    const row = Math.floor(chosen / this.columns);
    this.context.strokeStyle = this.palette.mark;
    this.context.lineWidth = 3;
    this.context.strokeRect(column * size - this.x - 1, row * size - this.y - 1, Math.max(size, 4) + 1, Math.max(size, 4) + 1);
  }

  close() {
    cancelAnimationFrame(this.frame);
  }
}

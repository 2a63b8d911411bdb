/** The library as a map of dots; a picture comes with the mouse, the video with a click. */

import { count, make } from '../player/page.js';
import { Server } from '../player/server.js';

const NAMED = ['#25f4ee', '#fe2c55', '#ffb454', '#9d8cff', '#5ee39b', '#6fb7ff', '#ff8fd0', '#d8e05a'];
const UNSORTED = 'rgb(150 150 165 / 0.5)';
const REACH = 14; // px from the mouse to the dot
const EDGE = 18;

const colour = (place) => NAMED[place] ?? `hsl(${(place * 137.5) % 360} 70% 65%)`;

class Atlas {
  constructor(parent, data) {
    this.root = parent.querySelector('[data-part="map"]');
    this.part = (name) => this.root.querySelector(`[data-part="${name}"]`);
    this.canvas = this.part('canvas');
    this.server = new Server(data.api ?? '', () => {});
    this.listeners = new AbortController();
    this.spots = [];
    this.only = undefined; // the folder that is shown alone
    this.#listen();
    this.update(data);
  }

  update(data) {
    if (data.path === this.path) return;
    this.path = data.path;
    this.#load();
  }

  async #load() {
    const { path } = this;
    this.part('words').textContent = 'Drawing the map; the first time this takes a while …';
    try {
      const { spots, videos } = await this.server.insist(path);
      if (this.stopped || path !== this.path) return;
      this.spots = spots;
      const left = videos > spots.length ? ` A sample of ${count(videos, 'video')}; small folders are whole.` : '';
      this.part('words').textContent = spots.length
        ? `Videos that look and sound alike lie together. A dot of another colour inside a folder's cloud is worth a look.${left}`
        : 'There is nothing to draw yet.';
      this.part('field').hidden = !spots.length;
      this.#legend();
      this.#draw();
    } catch (error) {
      this.part('words').textContent = error.message;
    }
  }

  #legend() {
    const sizes = new Map();
    for (const { folder } of this.spots) sizes.set(folder, (sizes.get(folder) ?? 0) + 1);
    const names = [...sizes.keys()].filter((name) => name !== null).sort((a, b) => a.localeCompare(b));
    this.colours = new Map(names.map((name, place) => [name, colour(place)]));
    if (sizes.has(null)) names.push(null);
    this.part('legend').replaceChildren(...names.map((name) => {
      const entry = make('button', 'entry');
      entry.type = 'button';
      const dot = make('i');
      dot.style.background = this.#colour(name);
      entry.append(dot, make('span', '', name ?? 'Not sorted yet'), make('small', '', sizes.get(name).toLocaleString()));
      entry.setAttribute('aria-pressed', 'false');
      entry.addEventListener('click', () => {
        this.only = this.only === name ? undefined : name;
        for (const other of this.part('legend').children) other.setAttribute('aria-pressed', String(other === entry && this.only !== undefined));
        this.#draw();
      });
      return entry;
    }));
  }

  #colour(folder) { return folder === null ? UNSORTED : this.colours.get(folder); }

  #draw() {
    const { width, height } = this.canvas.getBoundingClientRect();
    if (!width || !this.spots.length) return;
    const scale = devicePixelRatio || 1;
    Object.assign(this.canvas, { width: width * scale, height: height * scale });
    const pen = this.canvas.getContext('2d');
    pen.scale(scale, scale);
    const size = this.spots.length > 800 ? 3.5 : 5.5;
    const shown = [...this.spots].sort((a, b) => (a.folder !== null) - (b.folder !== null)); // the unsorted below
    for (const spot of shown) {
      const [x, y] = this.#place(spot, width, height);
      pen.globalAlpha = this.only === undefined || this.only === spot.folder ? 0.9 : 0.12;
      pen.fillStyle = this.#colour(spot.folder);
      pen.beginPath();
      pen.arc(x, y, spot === this.near ? size + 3 : size, 0, 2 * Math.PI);
      pen.fill();
      if (spot === this.near) {
        pen.globalAlpha = 1;
        pen.strokeStyle = '#fff';
        pen.lineWidth = 2;
        pen.stroke();
      }
    }
  }

  #place({ x, y }, width, height) {
    return [EDGE + x * (width - 2 * EDGE), EDGE + y * (height - 2 * EDGE)];
  }

  #nearest(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const [mouseX, mouseY] = [event.clientX - left, event.clientY - top];
    let [best, least] = [null, REACH];
    for (const spot of this.spots) {
      if (this.only !== undefined && this.only !== spot.folder) continue;
      const [x, y] = this.#place(spot, width, height);
      const far = Math.hypot(x - mouseX, y - mouseY);
      if (far < least) [best, least] = [spot, far];
    }
    return best;
  }

  #point(spot) {
    if (spot === this.near) return;
    this.near = spot;
    this.#draw();
    const hint = this.part('hint');
    hint.hidden = !spot;
    this.canvas.style.cursor = spot ? 'pointer' : '';
    if (!spot) return;
    const { width, height } = this.canvas.getBoundingClientRect();
    const [x, y] = this.#place(spot, width, height);
    this.part('picture').hidden = false;
    this.part('picture').removeAttribute('src'); // not the last video's while this one's is drawn
    this.part('picture').src = this.#address('/api/posters/', spot);
    this.part('folder').textContent = spot.folder ?? 'Not sorted yet';
    this.part('name').textContent = spot.filename;
    hint.style.left = `${x > width / 2 ? x - 150 - 16 : x + 16}px`;
    hint.style.top = `${Math.max(4, Math.min(y - 90, height - 270))}px`;
  }

  #address(route, { filename, folder }) {
    try {
      return `${this.server.base}${route}${encodeURIComponent(filename)}?folder=${encodeURIComponent(folder ?? '')}`;
    } catch { return `${this.server.base}${route}%00`; }
  }

  #watch(spot) {
    const video = this.part('video');
    this.part('watch').hidden = !spot;
    if (!spot) {
      video.removeAttribute('src');
      video.load();
      return;
    }
    this.part('watched').textContent = `${spot.folder ?? 'Not sorted yet'} · ${spot.filename}`;
    video.src = this.#address('/videos/', spot);
    video.play().catch(() => {});
  }

  #listen() {
    const on = (target, name, deed) => target.addEventListener(name, deed, { signal: this.listeners.signal });
    on(this.canvas, 'pointermove', (event) => this.#point(this.#nearest(event)));
    on(this.canvas, 'pointerleave', () => this.#point(null));
    on(this.canvas, 'click', (event) => this.#watch(this.#nearest(event)));
    on(this.part('close'), 'click', () => this.#watch(null));
    on(this.part('picture'), 'error', () => { this.part('picture').hidden = true; });
    this.sight = new ResizeObserver(() => this.#draw());
    this.sight.observe(this.canvas);
  }

  stop() {
    this.stopped = true;
    this.sight.disconnect();
    this.listeners.abort();
    this.#watch(null);
  }
}

const maps = new WeakMap(); // by the element they are mounted on

/** What Streamlit calls on every rerun. `data`: `path` (the route of the map), `api` (the base address). */
export default function mount({ parentElement, data }) {
  let atlas = maps.get(parentElement);
  if (atlas && (atlas.stopped || !parentElement.contains(atlas.root))) {
    atlas.stop();
    atlas = null;
  }
  if (atlas) atlas.update(data);
  else maps.set(parentElement, atlas = new Atlas(parentElement, data));
  return () => atlas.stop();
}

/**
 * The grid of pictures: of a hundred thousand videos only the rows in sight are elements.
 *
 * `source(offset, limit)` gives {videos, total}; pages are fetched as they come into sight.
 */

import { make, percent } from '../player/page.js';

const PAGE = 100;
const AHEAD = 1; // rows drawn above and below what is seen
const AT_ONCE = 4; // pictures under way: a browser has six connections, and moves need some
const HOVER = 140; // ms before a preview starts
const LABEL = 30;
const GAP = 12;

export class Tiles {
  constructor(part, { source, poster, preview, look, pressed }) {
    Object.assign(this, { source, poster, preview, look, pressed });
    this.scroller = part('scroller');
    this.canvas = part('canvas');
    this.video = Object.assign(document.createElement('video'), { muted: true, loop: true, playsInline: true });
    this.video.setAttribute('aria-hidden', 'true');
    this.waiting = []; // tiles whose picture is not asked for yet
    this.busy = 0;
    this.round = 0;
    this.reset();
  }

  /** Forgets what was fetched; `keep` leaves the old pictures until the new ones are there. */
  reset(keep = false) {
    this.round += 1;
    this.items = [];
    this.pages = new Map();
    this.drawn ??= new Map(); // index -> tile
    this.focused = 0;
    if (keep) return;
    this.total = 0;
    this.waiting = [];
    for (const tile of this.drawn.values()) tile.remove();
    this.drawn.clear();
    this.scroller.scrollTop = 0;
  }

  /** Fetches the first page and draws; resolves to the total, or null when it was outrun. */
  async open(keep = false) {
    this.reset(keep);
    const { round } = this;
    await this.fetch(keep ? this.firstSeen() : 0);
    if (round !== this.round) return null;
    this.draw();
    return this.total;
  }

  measure() {
    const width = this.canvas.clientWidth - 2 * GAP;
    this.columns = Math.max(2, Math.floor((width + GAP) / (172 + GAP)));
    this.width = (width - GAP * (this.columns - 1)) / this.columns;
    this.height = Math.round(this.width * 1.42) + LABEL;
    this.canvas.style.height = `${Math.ceil(this.total / this.columns) * (this.height + GAP) + GAP}px`;
  }

  firstSeen() {
    return Math.max(0, Math.floor(this.scroller.scrollTop / (this.height + GAP || 1)) * (this.columns || 1));
  }

  fetch(index) {
    const page = Math.floor(index / PAGE);
    const { round } = this;
    if (!this.pages.has(page)) {
      this.pages.set(page, this.source(page * PAGE, PAGE).then((answer) => {
        if (round !== this.round) return;
        this.total = answer.total;
        answer.videos.forEach((video, i) => { this.items[page * PAGE + i] = video; });
      }));
    }
    return this.pages.get(page);
  }

  /** All videos from one index to another, fetched where need be. */
  async between(from, to) {
    const [low, high] = from < to ? [from, to] : [to, from];
    const pages = [];
    for (let page = Math.floor(low / PAGE); page <= Math.floor(high / PAGE); page += 1) pages.push(this.fetch(page * PAGE));
    await Promise.all(pages);
    return this.items.slice(low, high + 1).filter(Boolean);
  }

  draw() {
    this.measure();
    const row = this.height + GAP;
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / row) - AHEAD) * this.columns;
    const rows = Math.ceil(this.scroller.clientHeight / row) + 2 * AHEAD + 1;
    const last = Math.min(this.total, first + rows * this.columns);
    for (const [index, tile] of this.drawn) {
      if (index >= first && index < last && tile.video === this.items[index]) continue;
      tile.remove();
      this.drawn.delete(index);
    }
    for (let index = first; index < last; index += 1) this.#one(index);
    this.#load();
  }

  #one(index) {
    const video = this.items[index];
    if (!video) {
      const { round } = this;
      this.fetch(index).then(() => { if (round === this.round) this.soon(); }, () => {});
      return;
    }
    let tile = this.drawn.get(index);
    if (!tile) {
      tile = this.#tile(video, index);
      this.drawn.set(index, tile);
      this.canvas.append(tile);
    }
    const [x, y] = [index % this.columns, Math.floor(index / this.columns)];
    tile.style.transform = `translate(${GAP + x * (this.width + GAP)}px, ${GAP + y * (this.height + GAP)}px)`;
    tile.style.width = `${this.width}px`;
    tile.style.height = `${this.height}px`;
    this.mark(tile);
  }

  soon() {
    this.due ??= requestAnimationFrame(() => {
      this.due = null;
      this.draw();
    });
  }

  #tile(video, index) {
    const tile = make('button', 'tile');
    Object.assign(tile, { type: 'button', video, index, title: video.filename });
    tile.setAttribute('role', 'option');
    const guess = video.folder === null ? 'no guess' : `${video.folder}, ${percent(Math.floor(video.confidence * 100))} sure`;
    tile.setAttribute('aria-label', `${video.filename}: ${guess}${video.out ? ', taken out' : ''}`);
    tile.tabIndex = index === this.focused ? 0 : -1;
    const screen = make('span', 'screen');
    const picture = make('img', 'picture');
    Object.assign(picture, { alt: '', draggable: false });
    screen.append(picture, make('span', 'tick', '✓'));
    const label = make('span', 'label');
    const sure = make('span', 'sure', video.folder === null ? '' : percent(Math.floor(video.confidence * 100)));
    sure.style.setProperty('--sure', video.confidence);
    label.append(make('span', 'name', video.folder ?? video.filename), sure);
    tile.append(screen, label);
    this.waiting.push(tile);
    return tile;
  }

  /** Shows on a tile what is selected and skipped. */
  mark(tile) {
    const { selected, skipped } = this.look(tile.video);
    tile.setAttribute('aria-selected', selected);
    tile.classList.toggle('skipped', skipped);
  }

  markAll() {
    for (const tile of this.drawn.values()) this.mark(tile);
  }

  /** Pictures, a few at a time, the first in sight first; one scrolled away is not asked for. */
  #load() {
    this.waiting = this.waiting.filter((tile) => tile.isConnected);
    while (this.busy < AT_ONCE && this.waiting.length) {
      const tile = this.waiting.shift();
      const picture = tile.querySelector('img');
      this.busy += 1;
      const settled = () => {
        this.busy -= 1;
        this.#load();
      };
      picture.addEventListener('load', () => { tile.classList.add('seen'); settled(); }, { once: true });
      picture.addEventListener('error', () => { tile.classList.add('blind'); settled(); }, { once: true });
      picture.src = this.poster(tile.video.filename);
    }
  }

  hover(tile) {
    if (tile === this.playing) return;
    this.still();
    this.playing = tile;
    if (!tile) return;
    this.timer = setTimeout(() => {
      this.video.src = this.preview(tile.video.filename);
      tile.querySelector('.screen').append(this.video);
      this.video.play().catch(() => {}); // a video that can't be played keeps its picture
    }, HOVER);
  }

  still() {
    clearTimeout(this.timer);
    this.playing = null;
    if (!this.video.isConnected) return;
    this.video.remove();
    this.video.removeAttribute('src');
    this.video.load(); // lets the connection go
  }

  /** Asks for nothing more: the next page needs the connections. */
  stop() {
    this.still();
    this.waiting = [];
    for (const tile of this.drawn.values()) {
      const picture = tile.querySelector('img');
      if (!picture.complete) picture.removeAttribute('src');
    }
  }

  /** Moves the focus by `step` tiles. */
  walk(step) {
    const index = Math.min(this.total - 1, Math.max(0, this.focused + step));
    const row = this.height + GAP;
    const top = Math.floor(index / this.columns) * row;
    const seen = this.scroller;
    if (top < seen.scrollTop) seen.scrollTop = top;
    else if (top + row + GAP > seen.scrollTop + seen.clientHeight) seen.scrollTop = top + row + GAP - seen.clientHeight;
    this.draw();
    this.focus(index);
  }

  focus(index) {
    this.drawn.get(this.focused)?.setAttribute('tabindex', -1);
    this.focused = index;
    const tile = this.drawn.get(index);
    tile?.setAttribute('tabindex', 0);
    tile?.focus({ preventScroll: true });
  }
}

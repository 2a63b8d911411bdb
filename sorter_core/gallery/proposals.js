/** Folders that the unsorted videos suggest: each is looked over, named, and made or refused. */

import { count, make, toast } from '../player/page.js';
import { Server } from '../player/server.js';

const SHOWN = 15; // pictures of a proposal before it is opened
const AT_ONCE = 4; // pictures under way: a browser has six connections, and moves need some
const HOVER = 140; // ms before a preview starts
const SMALL = 20_000; // characters; a browser takes 64 KiB with keepalive, a letter has up to three bytes

/** Pictures as they come into sight, a few at a time. */
class Pictures {
  constructor(address) {
    this.address = address;
    this.waiting = [];
    this.busy = 0;
    this.eyes = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        this.eyes.unobserve(target);
        this.waiting.push(target);
      }
      this.#load();
    }, { rootMargin: '200px' });
  }

  watch(tile) { this.eyes.observe(tile); }

  #load() {
    this.waiting = this.waiting.filter((tile) => tile.isConnected);
    while (this.busy < AT_ONCE && this.waiting.length) {
      const tile = this.waiting.shift();
      const picture = tile.querySelector('img');
      const settled = (name) => () => {
        tile.classList.add(name);
        this.busy -= 1;
        this.#load();
      };
      this.busy += 1;
      picture.addEventListener('load', settled('seen'), { once: true });
      picture.addEventListener('error', settled('blind'), { once: true });
      picture.src = this.address(tile.filename);
    }
  }
}

/** One proposal; `page` is where it stands. */
class Proposed {
  constructor(page, data) {
    Object.assign(this, { page, data, out: new Set() });
    this.root = make('section', 'proposal');
    this.root.setAttribute('aria-label', data.name);
    this.#head();
    this.tiles = make('div', 'tiles');
    this.tiles.setAttribute('role', 'group');
    this.root.append(this.head, this.problem, this.tiles);
    this.#fill(SHOWN);
    this.tell();
  }

  get name() { return this.field.value.trim(); }

  get chosen() { return this.data.videos.filter((name) => !this.out.has(name)); }

  #head() {
    this.head = make('div', 'head');
    this.field = Object.assign(make('input', 'name'), { value: this.data.name, maxLength: 255, autocomplete: 'off', spellcheck: false });
    this.field.setAttribute('aria-label', 'Folder name');
    this.field.setAttribute('list', 'proposals-folders');
    this.size = make('span', 'size');
    this.make = make('button', 'primary');
    this.refuse = make('button', 'plain', 'Not a folder');
    this.problem = make('p', 'fault');
    this.problem.setAttribute('role', 'alert');
    for (const button of [this.make, this.refuse]) button.type = 'button';
    this.make.addEventListener('click', () => this.page.accept(this));
    this.refuse.addEventListener('click', () => this.page.refuse(this));
    this.field.addEventListener('input', () => this.tell());
    this.field.addEventListener('keydown', (event) => { if (event.key === 'Enter' && !event.repeat) this.page.accept(this); });
    this.head.append(this.field, this.size, this.#words(), make('span', 'space'), this.refuse, this.make);
  }

  /** What describes the videos; a click takes it for the name. */
  #words() {
    const { words, seen } = this.data;
    const box = make('span', 'said');
    const pictured = seen.filter((word) => !words.includes(word));
    for (const [found, title] of [[words, 'Written or said in them'], [pictured, 'What their pictures look like']]) {
      for (const word of found) {
        const chip = make('button', 'chip', word);
        Object.assign(chip, { type: 'button', title: `${title}; click to take it for the name` });
        chip.addEventListener('click', () => {
          this.field.value = word.charAt(0).toUpperCase() + word.slice(1);
          this.tell();
        });
        box.append(chip);
      }
    }
    return box;
  }

  #fill(most) {
    const { videos } = this.data;
    this.tiles.replaceChildren(...videos.slice(0, most).map((name) => this.#tile(name)));
    if (videos.length <= most) return;
    const all = make('button', 'rest', `Show all ${videos.length.toLocaleString()}`);
    all.type = 'button';
    all.addEventListener('click', () => this.#fill(videos.length));
    this.tiles.append(all);
  }

  #tile(name) {
    const tile = Object.assign(make('button', 'tile'), { type: 'button', filename: name, title: name });
    tile.append(Object.assign(make('img'), { alt: '', draggable: false }), make('span', 'tick', '✓'));
    tile.setAttribute('aria-label', name);
    tile.setAttribute('aria-pressed', !this.out.has(name));
    tile.addEventListener('click', () => {
      if (!this.out.delete(name)) this.out.add(name);
      tile.setAttribute('aria-pressed', !this.out.has(name));
      this.tell();
    });
    this.page.pictures.watch(tile);
    return tile;
  }

  /** The count, and what the button would do. */
  tell() {
    const taken = this.chosen.length;
    const all = this.data.videos.length;
    this.size.textContent = taken === all ? count(all, 'video') : `${taken.toLocaleString()} of ${count(all, 'video')}`;
    this.make.textContent = this.page.folders.has(this.name) ? 'Add to this folder' : 'Make this folder';
    this.make.disabled = this.busy || !taken || !this.name;
    this.refuse.disabled = Boolean(this.busy);
    this.fail('');
  }

  fail(reason) { this.problem.textContent = reason; }

  /** Leaves one line of it, with the way back. */
  settle(text, undo) {
    const line = make('p', 'settled', text);
    const button = make('button', 'link', 'Undo');
    button.type = 'button';
    button.addEventListener('click', undo);
    line.append(button);
    this.root.replaceChildren(line);
    button.focus({ preventScroll: true });
  }

  reopen() {
    this.root.replaceChildren(this.head, this.problem, this.tiles);
    this.tell();
  }
}

class Page {
  constructor(parent, data) {
    this.root = parent.querySelector('[data-part="proposals"]');
    this.part = (name) => this.root.querySelector(`[data-part="${name}"]`);
    this.server = new Server(data.api ?? '', () => {});
    this.pictures = new Pictures((name) => this.#address('/api/posters/', name));
    this.video = Object.assign(document.createElement('video'), { muted: true, loop: true, playsInline: true });
    this.video.setAttribute('aria-hidden', 'true');
    this.folders = new Set();
    this.leaving = new AbortController();
    const on = (target, name, deed) => target.addEventListener(name, deed, { signal: this.leaving.signal });
    on(this.part('again'), 'click', () => this.load());
    on(this.part('list'), 'pointerover', (event) => this.#hover(event.target.closest('.tile')));
    on(this.part('list'), 'pointerleave', () => this.#hover(null));
    this.load();
  }

  async load() {
    this.part('words').textContent = 'Looking for videos that belong together …';
    this.part('list').replaceChildren();
    this.part('more').hidden = true;
    try {
      this.server.library = null;
      this.server.sameLibrary(await this.server.insist('/api/config/status'));
      const { folders } = await this.server.insist('/api/folders');
      const { proposals, none } = await this.server.insist('/api/proposals');
      if (this.stopped) return;
      this.#know(folders);
      this.part('words').textContent = none ?? 'A click on a picture leaves that video out; nothing moves before you make a folder.';
      this.part('list').replaceChildren(...proposals.map((data) => new Proposed(this, data).root));
      this.part('more').hidden = !proposals.length;
    } catch (error) {
      this.part('words').textContent = error.message;
    }
  }

  #know(folders) {
    this.folders = new Set(folders.map(({ name }) => name));
    this.part('folders').replaceChildren(...[...this.folders].map((name) => Object.assign(make('option'), { value: name })));
  }

  /** A name that is no valid Unicode is found nowhere. */
  #address(route, name) {
    try { return `${this.server.base}${route}${encodeURIComponent(name)}?folder=`; } catch { return `${this.server.base}${route}%00`; }
  }

  /** Like the server's own way, but for what is too much to be sent while the page closes. */
  async #post(path, body) {
    const text = JSON.stringify(body);
    if (text.length < SMALL) return this.server.ask(path, body);
    const response = await fetch(this.server.base + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: text });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(typeof answer.detail === 'string' ? answer.detail : `The server answered with an error (${response.status}).`);
    return answer;
  }

  async #busy(one, deed) {
    if (one.busy) return;
    one.busy = true;
    one.tell();
    let reason = '';
    try {
      await deed();
    } catch (error) {
      reason = error.message;
    }
    one.busy = false;
    one.tell();
    if (reason && one.field.isConnected) one.fail(reason);
    else if (reason) toast(this.part('toasts'), reason, { problem: true });
  }

  accept(one) {
    const { name, chosen } = one;
    if (!name || !chosen.length) return;
    this.#busy(one, async () => {
      const made = this.folders.has(name) ? {} : { new_folder: name };
      const { batch, moved, failed, folders } = await this.#post('/api/sort/bulk', { items: chosen.map((filename) => ({ filename, folder: name })), ...made });
      this.#know(folders);
      this.#retell();
      if (batch === null) throw new Error(`Nothing was moved. ${failed[0].reason}`);
      for (const { filename, reason } of failed.slice(0, 3)) toast(this.part('toasts'), `${filename}: ${reason}`, { problem: true });
      one.settle(`${count(moved.length, 'video')} moved to “${name}”.`, () => this.#back(one, async () => {
        this.server.sameLibrary(await this.server.ask('/api/config/status')); // another numbers its batches anew
        const { stayed } = await this.server.ask('/api/undo', { batch });
        if (stayed.length) toast(this.part('toasts'), `${count(stayed.length, 'video')} could not go back: ${stayed[0].reason}`, { problem: true });
        this.#know((await this.server.ask('/api/folders')).folders);
      }));
    });
  }

  refuse(one) {
    const filenames = one.data.videos;
    this.#busy(one, async () => {
      await this.#post('/api/proposals/refuse', { filenames });
      one.settle(`“${one.name || one.data.name}” won’t be suggested again.`, () => this.#back(one, () => this.#post('/api/proposals/refuse', { filenames, take_back: true })));
    });
  }

  #back(one, deed) {
    this.#busy(one, async () => {
      await deed();
      one.reopen();
      this.#retell();
    });
  }

  /** Says on each button anew what it would do. */
  #retell() {
    for (const field of this.part('list').querySelectorAll('.name')) field.dispatchEvent(new Event('input'));
  }

  #hover(tile) {
    if (tile === this.playing) return;
    clearTimeout(this.timer);
    this.playing = tile;
    if (this.video.isConnected) {
      this.video.remove();
      this.video.removeAttribute('src');
      this.video.load(); // lets the connection go
    }
    if (!tile) return;
    this.timer = setTimeout(() => {
      this.video.src = this.#address('/videos/', tile.filename);
      tile.append(this.video);
      this.video.play().catch(() => {}); // a video that can't be played keeps its picture
    }, HOVER);
  }

  stop() {
    this.stopped = true;
    this.leaving.abort();
    this.#hover(null);
    this.pictures.eyes.disconnect();
  }
}

const pages = new WeakMap(); // by the element they are mounted on

/** What Streamlit calls on every rerun. `data`: `api` (the base address). */
export default function mount({ parentElement, data }) {
  let page = pages.get(parentElement);
  if (page && (page.stopped || !parentElement.contains(page.root))) {
    page.stop();
    page = null;
  }
  if (!page) pages.set(parentElement, page = new Page(parentElement, data ?? {}));
  return () => page.stop();
}

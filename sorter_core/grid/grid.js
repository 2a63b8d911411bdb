/**
 * Sorting many videos at once: a grid by predicted folder, above a confidence that tells its errors.
 *
 * It talks to the HTTP routes only. Names of files and folders are hostile input: they reach the
 * page as textContent, never as HTML. Streamlit takes a component's script as one string, so
 * `grid.text("grid.js")` puts the modules imported here in front of this one.
 */

import { count, make, memory, toast } from '../player/page.js';
import { ALL, Rail, about } from './rail.js';
import { Selection } from './selection.js';
import { Tiles } from './tiles.js';

const PAUSE = 160; // ms after the slider's last step before the grid follows

class Grid {
  constructor(parent, data) {
    this.root = parent.querySelector('[data-part="grid"]');
    this.part = (name) => this.root.querySelector(`[data-part="${name}"]`);
    this.base = data.api ?? '';
    this.pile = ALL;
    this.percent = Math.min(100, Math.max(0, Number(memory.read('bulk.threshold', '90')) || 0));
    this.order = 'confident';
    this.selection = new Selection();
    this.rail = new Rail(this.part);
    this.last = null; // index of the last click, from which Shift goes on
    this.done = []; // numbers of batches, for undo
    this.leaving = new AbortController();
    this.tiles = new Tiles(this.part, {
      source: (offset, limit) => this.ask(`/api/bulk/videos?${this.#query({ offset, limit, order: this.order })}`),
      poster: (name) => `${this.base}/api/posters/${encodeURIComponent(name)}`,
      preview: (name) => `${this.base}/videos/${encodeURIComponent(name)}`,
      look: (video) => ({ selected: this.selection.has(video.filename), skipped: this.selection.skipped.has(video.filename) }),
    });
    this.part('threshold').value = this.percent;
    this.#place();
    this.#listen();
    this.#try(() => this.open());
  }

  stop() {
    this.stopped = true;
    this.leaving.abort();
    this.tiles.still();
  }

  // ---- asking ----

  /** GET, or POST when there is a body; throws the server's reason. No keepalive: it caps a body at 64 KiB. */
  async ask(path, body) {
    const options = body === undefined
      ? { headers: { Accept: 'application/json' }, cache: 'no-store' }
      : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(this.base + path, options).catch(() => null);
    if (!response) throw new Error('The server does not answer. Is the app still running?');
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const { detail } = answer;
    throw new Error(typeof detail === 'string' ? detail : `The server answered with an error (${response.status}).`);
  }

  #query(more = {}) {
    const query = new URLSearchParams({ threshold: (this.percent / 100).toFixed(2), ...more });
    if (this.pile !== ALL) query.set('folder', this.pile);
    return query;
  }

  async #try(act) {
    try {
      return await act();
    } catch (error) {
      if (!this.stopped) this.#say(error.message, { problem: true });
      return null;
    }
  }

  #say(text, options) {
    toast(this.part('toasts'), text, options);
  }

  // ---- what is shown ----

  /** Everything anew; `keep` stays where it was scrolled to. */
  async open(keep = false) {
    this.turn = (this.turn ?? 0) + 1;
    const { turn } = this;
    this.root.classList.add('loading');
    const [folders, outlook, total] = await Promise.all([
      this.ask('/api/folders'), this.ask(`/api/bulk?${this.#query()}`), this.tiles.open(keep),
    ]);
    if (turn !== this.turn || this.stopped || total === null) return;
    this.root.classList.remove('loading');
    this.root.dataset.state = 'ready';
    this.rail.set(folders.folders, outlook);
    if (this.pile && !outlook.piles.some((each) => each.folder === this.pile) && !this.rail.known.has(this.pile)) {
      this.pile = ALL;
      await this.open();
      return;
    }
    this.show();
  }

  show() {
    const { outlook } = this.rail;
    this.rail.drawDial(this.percent, this.pile);
    this.rail.drawPiles(this.pile);
    this.part('title').textContent = this.pile === ALL ? 'Everything' : this.pile || 'No guess yet';
    this.part('subtitle').textContent = `${count(this.tiles.total, 'video')} of ${outlook.unsorted.toLocaleString()} unsorted`;
    this.part('all').textContent = `Select all ${this.tiles.total.toLocaleString()}`;
    this.part('all').disabled = !this.tiles.total;
    this.#drawEmpty();
    this.#drawTargets();
    this.#drawActions();
  }

  #drawEmpty() {
    const { outlook } = this.rail;
    this.part('empty').hidden = this.tiles.total > 0;
    if (!outlook.unsorted) this.#empty('Everything is sorted', 'New videos in the library show up here.');
    else if (!outlook.piles.length) this.#empty('Nothing was predicted yet', 'File a few videos, then train. Or move the slider to 0 % to see all of them.');
    else this.#empty('Nothing is that certain', 'Move the slider to the left to see more.');
  }

  #empty(title, words) {
    this.part('empty-title').textContent = title;
    this.part('empty-text').textContent = words;
  }

  #drawTargets() {
    const before = this.part('target').value;
    const guess = make('option', '', this.pile ? `${this.pile} (predicted)` : 'Each to its guess');
    guess.value = '';
    guess.hidden = this.pile === '' || Boolean(this.pile && !this.rail.known.has(this.pile));
    guess.disabled = guess.hidden;
    const others = this.rail.folders.filter((folder) => folder.name !== this.pile).map((folder) => {
      const option = make('option', '', folder.name);
      option.value = folder.name;
      return option;
    });
    this.part('target').replaceChildren(guess, ...others);
    const wanted = [before, '', others[0]?.value].find((name) => name !== undefined && (name === '' ? !guess.hidden : this.rail.known.has(name) && name !== this.pile));
    this.part('target').value = wanted ?? '';
  }

  #shown({ folder, confidence }) {
    return (this.pile === ALL || (folder ?? '') === this.pile) && (this.pile === '' || confidence >= this.percent / 100);
  }

  size() { return this.selection.size(this.tiles.total, (video) => this.#shown(video)); }

  #drawActions() {
    const size = this.size();
    this.part('actions').hidden = !size;
    this.part('chosen').textContent = `${size.toLocaleString()} selected`;
    const target = this.part('target').value;
    this.part('risk').textContent = target === '' && this.pile !== '' ? about(this.#risk()) : '';
    this.part('move').textContent = target || this.pile ? `Move to ${target || this.pile}` : 'Move';
    this.part('move').disabled = !target && this.pile === '';
    this.tiles.markAll();
  }

  /** How many of the selection are expected to be wrong: the sum of what is missing to certainty. */
  #risk() {
    const missing = (videos) => videos.reduce((sum, video) => sum + (video.folder === null ? 0 : 1 - video.confidence), 0);
    const named = missing([...this.selection.names.values()]);
    return this.selection.all ? Math.max(0, this.rail.taken(this.percent)[1] - named) : named;
  }

  // ---- choosing ----

  openPile(event) {
    this.pile = event.target.closest('.open').pile;
    this.#restart();
  }

  #restart() {
    this.selection.clear();
    this.last = null;
    return this.#try(() => this.open());
  }

  #slide(percent) {
    this.percent = percent;
    memory.write('bulk.threshold', percent);
    if (this.rail.outlook) this.rail.drawDial(percent, this.pile);
    clearTimeout(this.later);
    this.later = setTimeout(() => this.#restart(), PAUSE);
  }

  async #press(tile, shift) {
    const { video, index } = tile;
    if (shift && this.last !== null) {
      const on = !this.selection.has(video.filename);
      const videos = await this.tiles.between(this.last, index);
      for (const each of videos) this.selection.set(each, on);
    } else this.selection.toggle(video);
    this.last = index;
    this.tiles.focus(index);
    this.#drawActions();
  }

  selectAll() {
    if (this.selection.all && !this.selection.names.size) this.selection.clear();
    else this.selection.selectAll();
    this.#drawActions();
  }

  clear() {
    this.selection.clear();
    this.#drawActions();
  }

  async skip() {
    if (!this.size()) return;
    if (this.selection.all) {
      const all = await this.#try(() => this.tiles.between(0, this.tiles.total - 1));
      const stay = new Map((all ?? []).filter((video) => this.selection.has(video.filename)).map((video) => [video.filename, video]));
      this.selection.clear();
      this.selection.names = stay;
    }
    const n = this.selection.names.size;
    const names = [...this.selection.names.keys()];
    this.selection.skip();
    this.#drawActions();
    this.#say(`${count(n, 'video')} skipped: they stay unsorted.`, {
      offer: ['Bring back', () => {
        for (const name of names) this.selection.skipped.delete(name);
        this.#drawActions();
      }],
    });
  }

  // ---- moving ----

  #request(target) {
    if (this.selection.all) {
      const request = { threshold: this.percent / 100, without: this.selection.without(), version: this.rail.outlook.version };
      if (this.pile !== ALL) request.folder = this.pile;
      if (target) request.target = target;
      return request;
    }
    const videos = [...this.selection.names.values()].filter((video) => target || video.folder);
    return { items: videos.map((video) => ({ filename: video.filename, folder: target || video.folder })) };
  }

  move() {
    if (this.size()) this.#try(() => this.#send(this.#request(this.part('target').value)));
  }

  async #send(request) {
    if (this.busy) return;
    this.busy = true;
    this.root.classList.add('moving');
    try {
      const answer = await this.ask('/api/sort/bulk', request);
      this.#moved(answer);
      this.selection.clear();
      this.last = null;
    } finally {
      this.busy = false;
      this.root.classList.remove('moving');
      await this.#try(() => this.open(true));
    }
  }

  #moved({ batch, moved, failed }) {
    const folders = new Set(moved.map((item) => item.folder));
    const where = folders.size === 1 ? `to ${[...folders][0]}` : `to ${count(folders.size, 'folder')}`;
    if (batch !== null) this.done.push(batch);
    if (moved.length) this.#say(`${count(moved.length, 'video')} moved ${where}.`, { offer: ['Undo', () => this.undo(batch)] });
    if (failed.length) this.#say(`${count(failed.length, 'video')} stayed: ${failed[0].reason}`, { problem: true });
  }

  undo(batch) {
    return this.#try(async () => {
      if (this.busy) return;
      const number = typeof batch === 'number' ? batch : this.done.at(-1);
      if (number === undefined) throw new Error('Nothing was moved here yet. The History page undoes older moves.');
      this.root.classList.add('moving');
      this.busy = true;
      try {
        const answer = await this.ask('/api/undo', { batch: number });
        this.done = this.done.filter((each) => each !== number);
        const files = answer.undone.filter((move) => move.from !== null || move.to !== null).length; // else a folder came or went;
        this.#say(`Undone: ${count(files, 'video')} went back.`);
      } finally {
        this.busy = false;
        this.root.classList.remove('moving');
        await this.#try(() => this.open(true));
      }
    });
  }

  // ---- folders ----

  #dialog({ title, text = '', name = null, pick = null, save, act }) {
    this.part('dialog-title').textContent = title;
    this.part('dialog-text').textContent = text;
    for (const piece of ['name', 'dialog-label']) this.part(piece).hidden = name === null;
    this.part('name').value = name ?? '';
    this.part('pick').hidden = pick === null;
    this.part('pick').replaceChildren(...(pick ?? []).map((each) => {
      const option = make('option', '', each);
      option.value = each;
      return option;
    }));
    this.part('problem').textContent = '';
    this.part('save').textContent = save;
    this.act = () => act(pick ? this.part('pick').value : this.part('name').value);
    this.part('dialog').showModal();
    if (name !== null) this.part('name').select();
  }

  async #submit() {
    try {
      await this.act();
      this.part('dialog').close();
    } catch (error) {
      this.part('problem').textContent = error.message;
    }
  }

  newFolder() {
    this.#dialog({
      title: 'New folder', name: '', save: 'Make folder', act: async (name) => {
        await this.ask('/api/folders', { name });
        this.#say(`The folder ${name.trim()} is there.`);
        await this.open(true);
      },
    });
  }

  newFromSelection() {
    const size = this.size();
    if (!size) { this.newFolder(); return; }
    this.#dialog({
      title: 'New folder', text: `${count(size, 'video')} will go into it. One undo takes back both.`, name: '', save: 'Make and move', act: async (typed) => {
        const name = typed.trim();
        await this.#send({ ...this.#request(name), new_folder: name });
      },
    });
  }

  #change(folder, what) {
    const filed = this.rail.folders.find((each) => each.name === folder)?.count ?? 0;
    if (what === 'rename') {
      this.#dialog({
        title: `Rename “${folder}”`, name: folder, save: 'Rename', act: async (name) => {
          const renamed = await this.ask('/api/folders/rename', { name: folder, new_name: name });
          if (this.pile === folder) this.pile = renamed.name;
          await this.open(true);
        },
      });
    } else if (what === 'merge') {
      this.#dialog({
        title: `Merge “${folder}” into…`, text: `${count(filed, 'video')} will move, then the folder goes. One undo takes it all back.`,
        pick: this.rail.folders.map((each) => each.name).filter((name) => name !== folder), save: 'Merge',
        act: (into) => this.#merge(folder, into),
      });
    } else if (what === 'delete') {
      this.#try(async () => {
        await this.ask('/api/folders/delete', { name: folder });
        this.#say(`The folder ${folder} is gone.`, { offer: ['Undo', () => this.#try(async () => { await this.ask('/api/undo', {}); await this.open(true); })] });
        await this.open(true);
      });
    }
  }

  async #merge(name, into) {
    const answer = await this.ask('/api/folders/merge', { name, into });
    if (answer.batch !== null) this.done.push(answer.batch);
    const offer = answer.batch === null ? null : ['Undo', () => this.undo(answer.batch)];
    this.#say(`${count(answer.moved.length, 'video')} moved to ${into}.`, { offer });
    if (answer.failed.length) this.#say(`${count(answer.failed.length, 'video')} stayed in ${name}: ${answer.failed[0].reason}`, { problem: true });
    else if (!answer.removed) this.#say(`${name} stays: it holds other files than videos.`, { problem: true });
    await this.open(true);
  }

  help() { this.part('help').showModal(); }

  close(event) { event.target.closest('dialog').close(); }

  // ---- listening ----

  #place() {
    this.root.style.setProperty('--top', `${Math.max(0, this.root.getBoundingClientRect().top)}px`);
  }

  #listen() {
    const { signal } = this.leaving;
    const on = (target, name, action, options = {}) => target.addEventListener(name, action, { ...options, signal });
    on(window, 'resize', () => { this.#place(); this.tiles.soon(); });
    new ResizeObserver(() => { if (!this.stopped) this.tiles.soon(); }).observe(this.part('scroller'));
    on(this.part('scroller'), 'scroll', () => { this.tiles.still(); this.tiles.soon(); }, { passive: true });
    on(this.root, 'click', (event) => this.#click(event));
    on(this.root, 'change', (event) => this.#changed(event));
    on(this.part('threshold'), 'input', ({ target }) => this.#slide(Number(target.value)));
    on(this.part('canvas'), 'pointerover', (event) => this.tiles.hover(event.target.closest('.tile')));
    on(this.part('canvas'), 'pointerleave', () => this.tiles.still());
    on(this.part('form'), 'submit', (event) => { event.preventDefault(); this.#submit(); });
    on(document, 'keydown', (event) => this.#key(event));
  }

  #click(event) {
    const tile = event.target.closest('.tile');
    if (tile) { this.#try(() => this.#press(tile, event.shiftKey)); return; }
    const action = event.target.closest('[data-do]')?.dataset.do;
    if (action) this[action](event);
  }

  #changed({ target }) {
    if (target === this.part('order')) { this.order = target.value; this.#restart(); }
    if (target === this.part('target')) this.#drawActions();
    if (target.classList.contains('menu')) {
      const { value } = target;
      target.value = '';
      this.#change(target.folder, value);
    }
  }

  #key(event) {
    const inside = event.composedPath();
    const field = inside[0].closest?.('input, select, textarea, dialog, [contenteditable]');
    const elsewhere = !inside.includes(this.root) && inside[0].closest?.('a, button, [role="dialog"]');
    if ((field && inside[0].type !== 'range') || elsewhere || event.defaultPrevented || event.repeat && !event.key.startsWith('Arrow')) return;
    const onTile = inside[0].classList?.contains('tile');
    const action = this.#action(event, onTile, inside[0].type === 'range');
    if (!action) return;
    event.preventDefault();
    action();
  }

  #action({ key, ctrlKey, metaKey, altKey }, onTile, sliding) {
    if (altKey || ((ctrlKey || metaKey) && key !== 'a')) return null;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.tiles.columns, ArrowDown: this.tiles.columns };
    if (key in steps) return sliding ? null : () => this.tiles.walk(steps[key]);
    if (key === 'Enter') return onTile || this.size() ? () => this.move() : null;
    return {
      a: () => this.selectAll(), s: () => this.skip(), n: () => this.newFromSelection(), u: () => this.undo(),
      Escape: () => this.clear(), '?': () => this.help(),
    }[key.length === 1 ? key.toLowerCase() : key];
  }
}

const grids = new WeakMap(); // by the element they are mounted on

/** What Streamlit calls for the component, on every rerun with the same element again; returns what ends it. */
export default function mount({ parentElement, data }) {
  let grid = grids.get(parentElement);
  if (grid && (grid.stopped || !parentElement.contains(grid.root))) {
    grid.stop();
    grid = null;
  }
  if (!grid) grids.set(parentElement, grid = new Grid(parentElement, data ?? {}));
  return () => grid.stop();
}

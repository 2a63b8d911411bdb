/**
 * Sorting many videos at once: a grid by predicted folder, above a confidence that tells its errors.
 *
 * What the confidence takes is selected when a grid opens; Enter moves it and goes on to the next
 * folder, at the end one step down with the confidence. Nothing moves that was not drawn before.
 *
 * It talks to the HTTP routes only. Names of files and folders are hostile input: they reach the
 * page as textContent, never as HTML. Streamlit takes a component's script as one string, so
 * `grid.text("grid.js")` puts the modules imported here in front of this one.
 */

import { count, fill, make, memory, percent, toast } from '../player/page.js';
import { Server } from '../player/server.js';
import { NOWHERE, Out } from './out.js';
import { ALL, Rail, about } from './rail.js';
import { Selection } from './selection.js';
import { Tiles } from './tiles.js';

const PAUSE = 160; // ms after the slider's last step before the grid follows

class Grid {
  constructor(parent, data) {
    this.root = parent.querySelector('[data-part="grid"]');
    this.part = (name) => this.root.querySelector(`[data-part="${name}"]`);
    this.base = data.api ?? '';
    this.server = new Server(this.base, (there) => this.#connection(there)); // to wait for it when it is gone
    this.pile = ALL;
    this.percent = this.#remembered(); // null: where the server advises
    this.finished = false; // whether all folders were seen at this confidence
    this.passed = new Set(); // folders that were left as they are, at this confidence
    this.out = new Out();
    this.told = {}; // what `out` was when the grid was opened: all of its pages are of that
    this.unlearned = 0; // videos moved since the model learned
    this.order = 'confident';
    this.selection = new Selection();
    this.rail = new Rail(this.part);
    this.last = null; // index of the last click, from which Shift goes on
    this.batches = []; // {batch, pile, percent, all, names}, for undo
    this.leaving = new AbortController();
    this.tiles = new Tiles(this.part, {
      source: (offset, limit) => this.#look(offset, limit),
      poster: (name) => `${this.base}/api/posters/${encodeURIComponent(name)}`,
      preview: (name) => `${this.base}/videos/${encodeURIComponent(name)}`,
      look: (video) => ({ selected: this.selection.has(video), skipped: this.selection.skipped.has(video.filename) || video.out }),
    });
    this.#listen();
    this.#try(() => this.#begin());
  }

  stop() {
    this.stopped = true;
    this.leaving.abort();
    this.tiles.stop();
  }

  // ---- asking ----

  /** GET, or POST when there is a body; throws the server's reason. No keepalive: it caps a body at 64 KiB. */
  async ask(path, body) {
    const options = body === undefined
      ? { headers: { Accept: 'application/json' }, cache: 'no-store' }
      : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(this.base + path, options).catch(() => null);
    if (!response) {
      this.server.lost();
      throw new Error('The server does not answer. Is the app still running?');
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const { detail } = answer;
    throw new Error(typeof detail === 'string' ? detail : `The server answered with an error (${response.status}).`);
  }

  /** A part of the grid on show, or (`limit` 0) only what its confidence takes. */
  async #look(offset, limit, { pile = this.pile, out = this.told } = {}) {
    const { order, turn } = this;
    const threshold = this.percent === null ? null : this.percent / 100;
    const seen = await this.ask('/api/bulk/look', { threshold, folder: pile, limit, offset, order, out });
    if (limit && turn === this.turn) this.seen = seen;
    return seen;
  }

  async #try(act) {
    try {
      return await act();
    } catch (error) {
      if (!this.stopped) this.#say(error.message, { problem: true });
      return null;
    }
  }

  #connection(there) {
    if (!there || this.stopped) return;
    this.part('toasts').replaceChildren();
    this.#say('The server answers again.');
    this.#again();
  }

  /** Each library numbers its batches anew: in another one, ours would be somebody else's. */
  async #here() {
    this.server.sameLibrary(await this.ask('/api/config/status'));
  }

  /** Another page may have chosen another library meanwhile. */
  async #seenAgain() {
    if (document.hidden || this.stopped) return;
    const config = await this.ask('/api/config/status').catch(() => null);
    if (!config || !this.server.library || config.data_dir === this.server.library) return;
    this.server.library = null;
    this.batches = [];
    this.passed.clear();
    this.#try(() => this.#begin());
  }

  /** After what failed: the grid as it is now. */
  #again() {
    this.#try(() => (this.root.dataset.state === 'ready' ? this.open(true) : this.#begin()));
  }

  #say(text, options) {
    toast(this.part('toasts'), text, options);
  }

  // ---- what is shown ----

  #remembered() {
    const kept = Number.parseInt(memory.read('bulk.threshold', ''), 10);
    return kept >= 0 && kept <= 100 ? kept : null;
  }

  /** The first folder that has something above the confidence, or everything, as it was last time. */
  async #begin() {
    await this.#here();
    const { outlook, next } = await this.#look(0, 0, { pile: ALL, out: this.out.told() });
    this.#set(Math.round(outlook.threshold * 100));
    const all = memory.read('bulk.way', 'folders') === 'all' || !outlook.piles.length;
    this.pile = all ? ALL : await this.#after(null, outlook);
    this.finished = !all && this.pile === ALL && next !== null;
    await this.open();
  }

  #set(percent) {
    this.percent = percent;
    this.part('threshold').value = percent;
  }

  /**
   * The next folder that has something to look at, behind `pile` in the list; ALL when there is none.
   * Behind the last one come those again that were given what was taken out of others.
   */
  async #after(pile, outlook) {
    const { folders } = await this.ask('/api/folders');
    const full = new Set(outlook.piles.filter((each) => each.videos).map((each) => each.folder));
    const left = folders.map((each) => each.name).filter((name) => full.has(name) && !this.passed.has(name));
    return left.find((name) => pile === null || name > pile) ?? left[0] ?? ALL;
  }

  /** Everything anew; `keep` stays where it was scrolled to. */
  async open(keep = false) {
    this.turn = (this.turn ?? 0) + 1;
    const { turn } = this;
    this.ready = false; // what is not drawn yet can't be moved
    this.failed = false;
    this.root.classList.add('loading');
    this.told = this.out.told();
    const [folders, total] = await Promise.all([this.ask('/api/folders'), this.tiles.open(keep)])
      .catch((error) => { this.failed = turn === this.turn; throw error; });
    if (turn !== this.turn || this.stopped || total === null) return;
    const { outlook } = this.seen;
    this.root.classList.remove('loading');
    this.root.dataset.state = 'ready';
    this.rail.set(folders.folders, outlook);
    if (this.pile && !outlook.piles.some((each) => each.folder === this.pile) && !this.rail.known.has(this.pile)) {
      this.pile = ALL;
      await this.open();
      return;
    }
    if (keep) this.selection.renew();
    else {
      this.selection.begin(this.pile !== '');
      this.part('target').value = ''; // chosen for what was on show before
    }
    this.ready = true;
    this.show();
  }

  show() {
    const { outlook } = this.rail;
    this.rail.drawDial(this.percent, this.pile);
    this.rail.drawPiles(this.finished ? undefined : this.pile);
    this.rail.drawFar();
    this.part('title').textContent = this.pile === ALL ? 'Everything' : this.pile || 'No guess yet';
    const out = this.pile === '' ? 0 : this.seen.total - this.seen.taken;
    this.part('subtitle').textContent = `${(this.seen.total - out).toLocaleString()} of ${outlook.unsorted.toLocaleString()} unsorted${out ? `, ${out.toLocaleString()} taken out` : ''}`;
    this.part('undo').hidden = !this.batches.length;
    this.#drawEmpty();
    this.#drawFinished();
    this.#drawTargets();
    this.#drawActions();
  }

  #drawFinished() {
    const finished = this.finished && this.rail.outlook.unsorted > 0;
    const { next } = this.seen;
    const left = `${this.rail.outlook.unsorted.toLocaleString()} left.`;
    this.part('finished').hidden = !finished;
    this.part('scroller').inert = finished;
    for (const name of ['order', 'all', 'on']) this.part(name).hidden = finished;
    if (!finished) return;
    for (const name of ['title', 'subtitle']) this.part(name).textContent = '';
    const lower = percent(Math.round((next ?? 0) * 100));
    this.part('finished-title').textContent = `Done with ${percent(this.percent)} sure: ${left}`;
    this.part('finished-text').textContent = next === null
      ? 'What is left is hardly sure: it goes faster one by one, what teaches most first. Come back after some dozens.'
      : `Next step: ${lower}. What you filed is learned first.`;
    this.part('lower').hidden = next === null;
    this.part('lower-text').textContent = `Go to ${lower}`;
    this.part('rest').className = next === null ? 'primary' : 'link';
  }

  #drawEmpty() {
    const { outlook } = this.rail;
    this.part('empty').hidden = this.tiles.total > 0 || (this.finished && outlook.unsorted > 0);
    const filed = this.rail.folders.some((folder) => folder.count);
    if (!outlook.unsorted) this.#empty(filed ? 'Everything is sorted' : 'No videos here yet', 'Put new ones into the library, then reload this page.');
    else if (!outlook.piles.length) this.#empty('Nothing was predicted yet', `File a few videos, then train. Or move the slider to ${percent(0)} to see all of them.`);
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

  size() { return this.seen ? this.selection.size(this.seen.taken, (video) => this.#shown(video)) : 0; }

  #drawActions() {
    const size = this.size();
    const most = this.seen.taken;
    const whole = size > 0 && this.selection.all && size >= most;
    this.part('actions').hidden = this.finished || !this.tiles.total;
    this.part('actions').classList.toggle('none', !size);
    this.part('chosen').textContent = size ? `${size.toLocaleString()} selected` : 'Nothing selected';
    this.part('all').textContent = whole ? 'Select none' : `Select all ${most.toLocaleString()}`;
    this.part('all').disabled = !most;
    const target = this.part('target').value;
    const where = target || this.pile;
    this.part('risk').textContent = size && target === '' && this.pile !== '' ? about(this.#risk()) : '';
    this.part('move-text').textContent = `Move ${size.toLocaleString()}${where ? ` to ${where}` : ''}`;
    this.part('move').disabled = !size || (!target && this.pile === '');
    this.tiles.markAll();
  }

  /** How many of the selection are expected to be wrong: the sum of what is missing to certainty. */
  #risk() {
    const missing = (videos) => videos.reduce((sum, video) => sum + (video.folder === null ? 0 : 1 - video.confidence), 0);
    const named = missing([...this.selection.names.values()].filter((video) => !this.selection.all || !video.out));
    return this.selection.all ? Math.max(0, this.rail.taken(this.percent)[1] - named) : named;
  }

  // ---- choosing ----

  openPile(event) {
    if (this.busy) return;
    this.pile = event.target.closest('.open').pile;
    this.finished = false;
    memory.write('bulk.way', this.pile === ALL ? 'all' : 'folders');
    this.#restart();
  }

  async #restart() {
    this.last = null;
    this.ready = false;
    await this.#try(() => this.open());
    this.#enter();
  }

  /** The focus goes to the first video, unless a field or a dialog has it. */
  #enter() {
    const active = this.root.getRootNode().activeElement;
    if (this.finished) this.part(this.seen?.next == null ? 'rest' : 'lower').focus({ preventScroll: true });
    else if (!active?.closest?.('input, select, dialog') && this.tiles.total) this.tiles.focus(0);
  }

  #slide(percent) {
    this.percent = percent;
    this.finished = false;
    this.ready = false;
    this.passed.clear();
    this.root.classList.add('loading');
    memory.write('bulk.threshold', percent);
    if (this.rail.outlook) this.rail.drawDial(percent, this.pile);
    clearTimeout(this.later);
    this.later = setTimeout(() => this.#restart(), PAUSE);
  }

  async #press(tile, shift) {
    const { video, index } = tile;
    const on = !this.selection.has(video);
    const videos = shift && this.last !== null ? await this.tiles.between(this.last, index) : [video];
    for (const each of videos) this.#choose(each, on);
    this.last = index;
    this.tiles.focus(index);
    this.#drawActions();
  }

  /** Out of what the confidence takes stays out; in again is forgotten. */
  #choose(video, on) {
    this.selection.set(video, on);
    if (!this.selection.all || !video.folder) return;
    if (on) this.out.remove(video.filename, video.folder);
    else this.out.add(video.filename, video.folder);
  }

  selectAll() {
    if (this.selection.all && !this.selection.names.size) this.selection.clear();
    else this.#back([...this.selection.names.values()]);
    this.#drawActions();
  }

  /** Everything that the confidence takes, and nothing counts as taken out in this visit. */
  #back(videos) {
    if (this.selection.all) for (const video of videos) if (!video.out) this.out.remove(video.filename, video.folder);
    this.selection.selectAll();
  }

  clear() {
    this.selection.clear();
    this.#drawActions();
  }

  async skip() {
    if (!this.size()) return;
    const all = this.selection.all ? await this.#try(() => this.tiles.between(0, this.tiles.total - 1)) : [...this.selection.names.values()];
    const videos = (all ?? []).filter((video) => this.selection.has(video));
    this.selection.skip(videos);
    for (const video of videos) if (video.folder) this.out.add(video.filename, NOWHERE);
    this.#drawActions();
    this.#say(`${count(videos.length, 'video')} skipped: they stay unsorted.`, {
      offer: ['Bring back', () => {
        for (const { filename } of videos) {
          this.selection.skipped.delete(filename);
          this.out.remove(filename);
        }
        this.#restart();
      }],
    });
  }

  // ---- going on ----

  /** The next folder without moving anything; behind the last one, the end of this step. */
  goOn() {
    if (!this.ready || this.finished) return;
    this.passed.add(this.pile);
    this.#try(() => this.#on());
  }

  /** `moved`: what to say of the move that led here. */
  async #on(moved = null) {
    this.ready = false;
    const { outlook } = await this.#look(0, 0, { pile: ALL, out: this.out.told() });
    const all = this.pile === ALL;
    const next = all ? ALL : await this.#after(this.pile, outlook);
    this.finished = all ? !moved || !outlook.videos : next === ALL;
    this.pile = next;
    if (moved) {
      this.part('toasts').replaceChildren(); // one line, however fast one folder follows the other
      this.#say(moved.text + (next === ALL ? '' : ` Now ${next}.`), moved.options);
    }
    await this.#restart();
  }

  /** One step down with the confidence, after the model has learned what was filed. */
  lower() {
    const next = this.seen?.next;
    if (!this.ready || !this.finished || typeof next !== 'number') return;
    this.#try(async () => {
      this.ready = false;
      this.root.classList.add('moving');
      try {
        await this.#learn();
        this.#set(Math.round(next * 100));
        this.passed.clear();
        const all = memory.read('bulk.way', 'folders') === 'all';
        const { outlook } = await this.#look(0, 0, { pile: ALL, out: this.out.told() });
        this.pile = all ? ALL : await this.#after(null, outlook);
        this.finished = this.pile === ALL && !(all && outlook.videos);
      } finally {
        this.root.classList.remove('moving');
        await this.#restart();
      }
    });
  }

  /** On to the player: what teaches most comes first there, unless the person chose another order once. */
  rest() {
    if (memory.read('order', '') === '') memory.write('order', 'learn');
  }

  /** Without a model there is nothing to refit, and where a job runs it will be newer: the guesses stay. */
  async #learn() {
    if (!this.unlearned) return;
    this.unlearned = 0;
    await this.ask('/api/refit', {}).catch(() => null);
  }

  // ---- moving ----

  #request(target) {
    if (this.selection.all) {
      const out = new Out(this.told);
      for (const video of this.selection.back()) out.remove(video.filename, video.folder);
      const request = {
        threshold: this.percent / 100, without: this.selection.without(), out: out.told(), version: this.rail.outlook.version,
      };
      if (this.pile !== ALL) request.folder = this.pile;
      if (target) request.target = target;
      return request;
    }
    const videos = [...this.selection.names.values()].filter((video) => target || video.folder);
    return { items: videos.map((video) => ({ filename: video.filename, folder: target || video.folder })) };
  }

  /** Moves the selection and goes on; with nothing selected it only goes on. */
  move() {
    if (this.failed) this.#again();
    if (!this.ready) return;
    if (this.finished) this.part(this.seen.next === null ? 'rest' : 'lower').click();
    else if (!this.size()) this.goOn();
    else if (!this.part('move').disabled) this.#try(() => this.#send(this.#request(this.part('target').value)));
  }

  async #send(request) {
    if (this.busy) return;
    this.busy = true;
    this.ready = false;
    this.root.classList.add('moving');
    const { pile, percent } = this;
    const { all, names } = this.selection;
    let on = null;
    try {
      const answer = await this.ask('/api/sort/bulk', request);
      if (answer.batch !== null) this.batches.push({ batch: answer.batch, pile, percent, all, names });
      this.unlearned += answer.moved.length;
      on = this.#moved(answer, all);
      if (!all) this.selection.clear();
      this.last = null;
    } finally {
      this.busy = false;
      this.root.classList.remove('moving');
      await this.#try(() => (on ? this.#on(on) : this.open(true)));
    }
  }

  /** Says what moved; or, where the grid goes on now, returns what to say then. */
  #moved({ batch, moved, failed }, all) {
    const folders = new Set(moved.map((item) => item.folder));
    const where = folders.size === 1 ? `to ${[...folders][0]}` : `to ${count(folders.size, 'folder')}`;
    const options = { offer: ['Undo', () => this.undo(batch)] };
    const text = `${count(moved.length, 'video')} moved ${where}.`;
    if (failed.length) this.#say(`${count(failed.length, 'video')} stayed: ${failed[0].reason}`, { problem: true });
    if (all && moved.length && !failed.length) return { text, options };
    if (moved.length) this.#say(text, options);
    else if (!failed.length) this.#say('Nothing was moved: these videos have left the pile meanwhile.', { problem: true });
    return null;
  }

  /** Takes a batch back, or the last one, and shows the folder that it was moved from as it was. */
  undo(batch) {
    return this.#try(async () => {
      if (this.busy) return;
      const done = typeof batch === 'number' ? this.batches.find((each) => each.batch === batch) ?? { batch } : this.batches.at(-1);
      if (done === undefined) throw new Error('Nothing was moved here yet. The History page undoes older moves.');
      this.root.classList.add('moving');
      this.busy = true;
      try {
        await this.#here();
        const answer = await this.ask('/api/undo', { batch: done.batch });
        this.batches = this.batches.filter((each) => each !== done);
        const files = answer.undone.filter((move) => move.from !== null || move.to !== null).length; // else a folder came or went;
        this.part('toasts').replaceChildren();
        if (files) this.#say(`Undone: ${count(files, 'video')} went back.`);
        else this.#say('Undone.');
        const { stayed } = answer;
        if (stayed.length) this.#say(`${count(stayed.length, 'video')} could not go back: ${stayed[0].reason}`, { problem: true });
      } finally {
        this.busy = false;
        this.root.classList.remove('moving');
        await this.#return(done);
      }
    });
  }

  async #return({ pile, percent, all, names }) {
    if (pile === undefined) { await this.#try(() => this.open(true)); return; }
    this.pile = pile;
    this.finished = false;
    this.#set(percent);
    await this.#restart();
    if (all) return; // what was taken out is out already
    this.selection.clear();
    this.selection.names = names;
    this.#drawActions();
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
          for (const done of this.batches) if (done.pile === folder) done.pile = renamed.name;
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
      this.#try(() => this.#delete(folder));
    }
  }

  async #delete(name) {
    await this.ask('/api/folders/delete', { name });
    // By its batch: without one, Undo would take back whatever was done last, here or on another page.
    const { batches: [last] } = await this.ask(`/api/batches?${new URLSearchParams({ kind: 'delete_folder', folder: name, limit: 1 })}`);
    if (last) this.batches.push({ batch: last.number });
    this.#say(`The folder ${name} is gone.`, { offer: last ? ['Undo', () => this.undo(last.number)] : null });
    await this.open(true);
  }

  async #merge(name, into) {
    const answer = await this.ask('/api/folders/merge', { name, into });
    if (answer.batch !== null) this.batches.push({ batch: answer.batch });
    const offer = answer.batch === null ? null : ['Undo', () => this.undo(answer.batch)];
    this.#say(`${count(answer.moved.length, 'video')} moved to ${into}.`, { offer });
    if (answer.failed.length) this.#say(`${count(answer.failed.length, 'video')} stayed in ${name}: ${answer.failed[0].reason}`, { problem: true });
    else if (!answer.removed) this.#say(`${name} stays: it holds other files than videos.`, { problem: true });
    await this.open(true);
  }

  help() { this.part('help').showModal(); }

  close(event) { event.target.closest('dialog').close(); }

  // ---- listening ----

  #listen() {
    const { signal } = this.leaving;
    fill(this.root, signal);
    const on = (target, name, action, options = {}) => target.addEventListener(name, action, { ...options, signal });
    on(window, 'resize', () => this.tiles.soon());
    new ResizeObserver(() => { if (!this.stopped) this.tiles.soon(); }).observe(this.part('scroller'));
    on(this.part('scroller'), 'scroll', () => { this.tiles.still(); this.tiles.soon(); }, { passive: true });
    on(this.root, 'click', (event) => this.#click(event));
    on(this.root, 'change', (event) => this.#changed(event));
    on(this.part('threshold'), 'input', ({ target }) => this.#slide(Number(target.value)));
    on(this.part('canvas'), 'pointerover', (event) => this.tiles.hover(event.target.closest('.tile')));
    on(this.part('canvas'), 'pointerleave', () => this.tiles.still());
    on(this.part('form'), 'submit', (event) => { event.preventDefault(); this.#submit(); });
    on(document, 'keydown', (event) => this.#key(event));
    on(document, 'visibilitychange', () => this.#seenAgain());
  }

  #click(event) {
    const tile = event.target.closest('.tile');
    if (tile) { this.#try(() => this.#press(tile, event.shiftKey)); return; }
    const button = event.target.closest('[data-do]');
    if (!button) return;
    if (button === this.part('move') && event.detail > 1) return; // a double click moves one folder, not the next as well
    // After the mouse the keys go to the grid again; who tabbed to a button stays there.
    if (event.detail && !button.closest('dialog')) this.root.focus({ preventScroll: true });
    this[button.dataset.do](event);
  }

  #changed({ target }) {
    if (target === this.part('order')) { this.order = target.value; target.blur(); this.#restart(); }
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
    if ((field && inside[0].type !== 'range') || elsewhere || event.defaultPrevented) return;
    if (event.repeat && !event.key.startsWith('Arrow')) { // a key held down does its work once
      if (inside.includes(this.root)) event.preventDefault();
      return;
    }
    const onTile = inside[0].classList?.contains('tile');
    const pressed = !onTile && inside[0].closest?.('button, a') && (event.key === 'Enter' || event.key === ' ');
    if (pressed) return; // a button does what it says
    const action = this.#action(event, onTile, inside[0].type === 'range');
    if (!action) return;
    event.preventDefault();
    action();
  }

  #action({ key, ctrlKey, metaKey, altKey }, onTile, sliding) {
    if (altKey || ((ctrlKey || metaKey) && key !== 'a')) return null;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.tiles.columns, ArrowDown: this.tiles.columns };
    if (key in steps) return sliding ? null : () => this.tiles.walk(steps[key]);
    if (key === 'Enter') return () => this.move();
    return {
      a: () => this.selectAll(), g: () => this.goOn(), s: () => this.skip(), n: () => this.newFromSelection(), u: () => this.undo(),
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

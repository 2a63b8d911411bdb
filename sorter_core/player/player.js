/**
 * The sorting player: plays the unsorted videos one after the other and sorts each with one key.
 *
 * It talks to the HTTP routes only. Names of files and folders are hostile input: they reach the
 * page as textContent, never as HTML. Streamlit takes a component's script as one string, so
 * `player.text("player.js")` puts the modules imported here in front of this one.
 */

import { Folders, NameDialog } from './folders.js';
import { Keyboard } from './keyboard.js';
import { Learning } from './learning.js';
import { Moves } from './moves.js';
import { count, fill, make, memory, percent, toast } from './page.js';
import { Progress } from './progress.js';
import { Queue, guessesOf } from './queue.js';
import { Server, Unreachable } from './server.js';
import { AHEAD, Stage } from './stage.js';
import { Words } from './words.js';

const SORTED = 'Everything is sorted';
const DOUBLE_MS = 300; // between the two clicks of a double click; a person who looks takes longer
const LOW = 15; // with fewer than this ahead the next page is fetched
const ORDERS = { name: 'By name', newest: 'Newest first', uncertain: 'Uncertain first', confident: 'Confident first',
  confirm: 'Folder by folder', learn: 'Learns most' };

class Player {
  constructor(parent, data) {
    this.root = parent.querySelector('[data-part="player"]');
    this.part = (name) => this.root.querySelector(`[data-part="${name}"]`);
    this.server = new Server(data.api ?? '', (there) => this.#connection(there));
    this.moves = new Moves(this.server);
    this.words = new Words(this.part('texts'), this.server, {
      jump: (seconds) => this.#do(() => this.stage.jump(seconds)),
      tell: (on, ever) => this.#drawWordsButton(on, ever),
    });
    this.stage = new Stage(this.part, this.server, {
      marks: (marks) => this.#drawMarks(marks), clock: (seconds) => this.words.time(seconds),
    });
    this.folders = new Folders(this.part, (name) => this.moves.count(name));
    this.progress = new Progress(this.part);
    this.learning = new Learning(this.part, this.server, (result) => this.#learned(result));
    this.current = null; // the video that plays
    this.trail = []; // what was done, oldest first: {kind: 'skip' | 'sort', video, …}
    this.choice = { order: this.#remembered(), folder: data.folder ?? null };
    this.leaving = new AbortController(); // takes all listeners away
    this.update(data);
    this.#listen();
    this.restart();
    this.learning.watch();
  }

  #remembered() {
    const order = memory.read('order', 'name');
    return Object.hasOwn(ORDERS, order) ? order : 'name';
  }

  /** What Streamlit tells on a rerun; the video that plays goes on unless the folder changed. */
  update({ folder = null, height = '' }) {
    this.root.style.setProperty('--height', height);
    if (this.queue && folder !== this.told) this.choose({ order: this.choice.order, folder });
    this.told = folder;
  }

  stop() {
    this.stopped = true;
    this.leaving.abort();
    this.learning.stop();
    this.words.stop();
    this.stage.stop();
  }

  // ---- the round ----

  /** A new round: everything unsorted in the chosen order, with what was skipped. */
  async restart() {
    const queue = new Queue(this.server, this.choice, this.moves);
    this.queue = queue;
    this.trail = this.trail.filter((entry) => entry.kind === 'sort');
    this.current = null;
    this.finished = false;
    this.stage.clear();
    this.#state('loading');
    try {
      await this.moves.chain; // or the list would still hold what is being moved
      const [folders, config] = await Promise.all([
        this.server.ask('/api/folders'), this.server.ask('/api/config/status'), queue.more(),
      ]);
      if (queue !== this.queue || this.stopped) return;
      this.directory = config.data_dir ?? 'your library';
      this.server.library = config.data_dir;
      this.#setFolders(folders.folders);
      if (!this.current) this.next();
    } catch (error) {
      this.#stuck(error, queue);
    }
  }

  choose(choice) {
    this.choice = choice;
    if (!choice.folder) memory.write('order', choice.order);
    this.#drawOrders();
    this.restart();
  }

  next(pressed) {
    const video = this.queue.items.shift();
    if (video) this.present(video, pressed);
    else this.#runDry();
    this.#topUp();
  }

  present(video, pressed) {
    if (this.stopped) return; // a move failed after we were taken away: the video is in the pile
    this.current = video;
    this.finished = false;
    this.#state('playing');
    this.stage.show(video.filename, this.#ahead(), pressed);
    this.#showWords();
    this.part('filename').textContent = video.filename;
    this.part('note').textContent = video.note ?? '';
    this.part('note').hidden = !video.note;
    this.#drawGuesses();
    this.#drawProgress();
  }

  #ahead() {
    return this.queue.items.slice(0, AHEAD).map((video) => video.filename);
  }

  #prepare() {
    if (this.current) {
      this.stage.prepare([this.current.filename, ...this.#ahead()]);
      this.words.prepare(this.#ahead());
    }
    this.#drawProgress();
  }

  #showWords() {
    this.words.show(this.current.filename);
    this.words.prepare(this.#ahead());
  }

  async #topUp() {
    const { queue } = this;
    if (queue.items.length >= LOW || queue.ended) return;
    // Where this fails the next press tries again, and when nothing is left the reason is shown.
    await queue.more().catch(() => {});
    if (queue === this.queue && !this.stopped) this.#prepare();
  }

  async #runDry() {
    const { queue } = this;
    this.current = null;
    this.stage.clear();
    this.#state('loading');
    try {
      while (!queue.items.length && !queue.ended) await queue.more();
    } catch (error) {
      this.#stuck(error, queue);
      return;
    }
    if (queue !== this.queue || this.current || this.stopped) return; // another video came up meanwhile
    if (queue.items.length) this.next();
    else this.#finish();
  }

  /** There is nothing to show, and this is why. */
  async #stuck(error, queue) {
    if (queue !== this.queue || this.stopped) return;
    if (error instanceof Unreachable) {
      await this.server.back;
      if (queue === this.queue && !this.current) this.restart();
    } else if (error.status === 503) {
      this.#say('Where are your videos?', 'Choose the folder that holds them. Its sub-folders are your categories. Nothing is copied, and nothing leaves this computer.');
      this.part('setup').hidden = false;
      this.#state('setup');
    } else if (this.choice.folder) {
      this.toast(error.message, { problem: true }); // most likely that folder is gone
      this.showAll();
    } else {
      this.#say('The videos could not be listed', error.message, [['Try again', 'restart']]);
    }
  }

  #finish() {
    this.finished = true;
    const skipped = this.trail.filter((entry) => entry.kind === 'skip').length;
    const total = this.folders.total();
    const undo = this.#lastSort() ? [['Undo the last', 'undo']] : [];
    if (skipped) {
      this.#say('That was the last one', `${count(skipped, 'skipped video')} still in the pile.`, [['Go through them again', 'restart'], ...undo]);
    } else if (this.choice.folder) {
      this.#say('Nothing left here', `No unsorted video is predicted as “${this.choice.folder}”.`, [['Show all videos', 'showAll'], ...undo]);
    } else if (total) {
      this.#say(SORTED, `${count(total, 'video')} in ${count(this.folders.list.length, 'folder')}. Put new ones into ${this.directory} and look again.`, [['Look again', 'restart'], ...undo]);
    } else {
      this.#say('No videos here yet', `Put some into ${this.directory}, then look again.`, [['Look again', 'restart']]);
    }
    this.#drawProgress();
  }

  /** A message in place of a video; `offers` are [label, action], the first is what Enter does. */
  #say(title, text, offers = []) {
    this.stage.clear();
    this.#state('message');
    this.part('title').textContent = title;
    this.part('text').textContent = text;
    this.part('setup').hidden = true;
    this.part('message').classList.toggle('sorted', title === SORTED);
    this.part('offers').replaceChildren(...offers.map(([label, action], place) => {
      const button = make('button', place ? 'plain' : 'primary', label);
      button.type = 'button';
      button.dataset.do = action;
      return button;
    }));
  }

  #state(name) {
    this.root.dataset.state = name;
    if (name === 'playing') return;
    this.words.clear();
    this.#drawGuesses();
  }

  // ---- what a key or a click does ----

  /** The picture changes first; the move is sent while the next video already plays. */
  async sort(folder, pressed) {
    const video = this.current;
    if (!video || !folder) return;
    const record = { kind: 'sort', video, folder, state: 'pending', batch: null, undone: false };
    this.trail.push(record);
    this.queue.take(video);
    this.progress.pace.tick();
    const sent = this.moves.sort(record); // goes out when all of this is done
    this.next(pressed);
    this.#flash(folder);
    this.#drawProgress();
    try {
      this.#settle(await sent, 1);
      if (await this.learning.filed()) this.#newGuesses();
    } catch (error) {
      this.#failed(record, error);
    }
  }

  accept(pressed) {
    const [guess] = this.#guesses();
    if (guess) this.sort(guess.folder, pressed);
    else if (this.current) this.toast('There is no prediction to take.');
    else this.part('offers').querySelector('button')?.click();
  }

  sortByKey(n, pressed) {
    const folder = this.folders.names()[n - 1];
    if (folder !== undefined) this.sort(folder, pressed);
    else this.toast(`No folder has the key ${n}.`);
  }

  skip(pressed) {
    if (!this.current) return;
    this.trail.push({ kind: 'skip', video: this.current });
    this.next(pressed);
  }

  /** To the video skipped before; where the last one was sorted, undo is offered first. */
  back() {
    const last = this.trail.at(-1);
    if (last?.kind === 'sort' && this.offered !== last) {
      this.offered = last;
      this.toast(`“${last.video.filename}” went to “${last.folder}”.`, { offer: ['Undo (U)', () => this.undo()] });
      return;
    }
    const place = this.trail.findLastIndex((entry) => entry.kind === 'skip');
    if (place < 0) this.toast('There is nothing further back.');
    else this.#bringBack(this.trail.splice(place, 1)[0].video);
  }

  /** Takes back the last sort of this page; without one, the last change of the library. */
  async undo() {
    const record = this.#lastSort();
    if (!record) {
      await this.moves.inTurn(() => this.#undoEarlier());
      return;
    }
    this.trail = this.trail.filter((entry) => entry !== record);
    record.undone = true;
    this.progress.pace.back();
    this.queue.giveBack(record.video);
    this.#bringBack(record.video);
    try {
      this.#settle(await this.moves.undo(record), -1);
      if (record.state === 'done') this.toast(`Taken back from “${record.folder}”.`);
    } catch (error) {
      this.#staysSorted(record, error);
    }
  }

  pause() { this.stage.togglePause(); }

  mute() { this.stage.toggleMute(); }

  read() {
    if (!this.words.on || this.words.ever) this.words.toggle(); // hidden, they were not asked for
    else this.toast('Nothing is known of what is said or written in these videos.');
  }

  find() { this.part('filter').focus(); }

  help() { this.part('help-dialog').showModal(); }

  create() { this.names.open(null, Boolean(this.current)); }

  makeAndSort(pressed) { this.names.submit(true, pressed); }

  renameHere() {
    const row = this.root.querySelector('.folder-row:focus-within, .folder-row:hover');
    if (row) this.names.open(row.querySelector('button').value);
  }

  showAll() { this.choose({ order: this.choice.order, folder: null }); }

  demo() { this.#setUp('/api/demo', {}); }

  async retrain() {
    await this.learning.start().catch((error) => this.toast(error.message, { problem: true }));
  }

  toast(text, options) { toast(this.part('toasts'), text, options); }

  // ---- what comes of it ----

  #lastSort() {
    return this.trail.findLast((entry) => entry.kind === 'sort');
  }

  #bringBack(video) {
    const interrupted = this.current;
    this.queue.remove(video);
    if (interrupted && interrupted.filename !== video.filename) this.queue.putFirst(interrupted);
    this.present(video);
  }

  /** A move went well; `folders` is null where its answer was lost, `moved` is by how many they grew. */
  #settle(folders, moved) {
    if (folders) this.#setFolders(folders, { moved });
    else this.#reloadFolders();
  }

  /** A failed move is never lost: the video comes next, with the reason. */
  #failed(record, error) {
    const { video, folder } = record;
    this.trail = this.trail.filter((entry) => entry !== record);
    this.toast(`“${video.filename}” was not moved to “${folder}”. ${error.message}`, { problem: true });
    if (error.status === 404) this.queue.stale = true;
    this.#reloadFolders().then(() => { if (this.finished) this.#finish(); }); // which had counted it as moved
    if (record.undone) return; // the person had it back already
    if (error.status === 404) {
      this.queue.forget(video); // it has left the pile; should it be there after all, the next sweep finds it
      return;
    }
    this.queue.giveBack(video);
    video.note = `Not moved to “${folder}”: ${error.message}`;
    if (!this.current) {
      this.present(video);
    } else if (this.current.filename !== video.filename) {
      this.queue.putFirst(video); // next, not now: a finger may be on its way to a key
      this.#prepare();
    }
  }

  #staysSorted(record, error) {
    record.undone = false;
    this.trail.push(record);
    this.queue.take(record.video);
    this.toast(`“${record.video.filename}” could not be taken back from “${record.folder}”. ${error.message}`, { problem: true });
    if (this.current?.filename === record.video.filename) this.next();
    else this.queue.remove(record.video);
    this.#prepare();
  }

  async #undoEarlier() {
    try {
      await this.moves.here();
      const answer = await this.server.ask('/api/undo', {});
      this.#setFolders(answer.folders);
      const back = (answer.undone ?? []).filter((move) => move.to === null && move.from !== null); // no folder's renaming
      this.toast(back.length ? `${count(back.length, 'video')} back in the pile.` : 'The last change is undone.');
      await this.#takeIn(back.map(({ filename }) => ({ filename })));
    } catch (error) {
      this.toast(error.message, { problem: error.status !== 404 });
    }
  }

  async #takeIn(videos) {
    if (!videos.length) return;
    for (const video of videos.toReversed()) {
      this.queue.giveBack(video);
      this.queue.putFirst(video);
    }
    this.#bringBack(videos[0]);
    await this.#newGuesses();
  }

  // ---- folders and predictions ----

  /** `moved`: by how many videos our own moves changed them; unknown where it is left out. */
  #setFolders(list, { renamed, moved } = {}) {
    if (Array.isArray(list)) {
      const expected = this.folders.filed() + moved;
      if (this.folders.set(list, renamed)) {
        this.#drawOrders();
        this.#drawGuesses();
      }
      if (moved !== undefined && this.folders.filed() !== expected) this.queue.stale = true; // somebody else sorts, too
    }
    if (this.queue.stale && !this.moves.pending.size) this.#recount();
    this.#drawProgress();
  }

  async #recount() {
    await this.queue.recount().catch(() => {}); // then after the next move
    if (!this.stopped) this.#drawProgress();
  }

  async #reloadFolders() {
    const answer = await this.moves.inTurn(() => this.server.ask('/api/folders')).catch(() => ({}));
    if (!this.stopped) this.#setFolders(answer.folders, { moved: 0 });
  }

  async #saveName(old, name, sortToo, pressed) {
    const [path, body] = old === null ? ['/api/folders', { name }] : ['/api/folders/rename', { name: old, new_name: name }];
    const answer = await this.moves.inTurn(() => this.server.ask(path, body));
    const given = answer.name ?? name;
    if (old !== null) this.#renamed(old, given);
    this.#setFolders(answer.folders, { renamed: [old, given], moved: 0 });
    this.toast(old === null ? `Folder “${given}” is there.` : `“${old}” is now “${given}”.`);
    if (sortToo) this.sort(given, pressed);
  }

  #renamed(old, name) {
    const fix = (entry) => { if (entry.folder === old) entry.folder = name; };
    this.trail.forEach(fix);
    for (const video of [this.current, ...this.queue.items]) guessesOf(video).forEach(fix);
    fix(this.choice);
  }

  #learned(result) {
    if (result !== 'success') {
      this.toast(result, { problem: true });
      return;
    }
    this.toast('New predictions are in.');
    this.words.forget(); // the job may have heard what is said
    this.#newGuesses();
  }

  /** The video that plays stays; its bars and all that is ahead are new. */
  async #newGuesses() {
    const { queue } = this;
    const notes = new Map(queue.items.map((video) => [video.filename, video.note]));
    const fresh = await queue.refresh().catch(() => null);
    if (!fresh || queue !== this.queue || this.stopped) return;
    for (const video of queue.items) video.note = notes.get(video.filename);
    const known = this.current && fresh.get(this.current.filename);
    if (known) Object.assign(this.current, { top_predictions: guessesOf(known), far: known.far });
    this.#drawGuesses();
    this.#prepare();
  }

  /** On the bare page, where no other page asks for the library. */
  async #setUp(path, body) {
    const buttons = this.part('setup').querySelectorAll('button');
    const working = (yes) => buttons.forEach((button) => { button.disabled = yes; });
    working(true);
    this.part('setup-problem').textContent = '';
    try {
      await this.server.ask(path, body);
      this.trail = [];
      await this.restart();
    } catch (error) {
      this.part('setup-problem').textContent = error.message;
    }
    working(false);
  }

  // ---- drawing ----

  /** The three best guesses whose folders are there. */
  #guesses() {
    return guessesOf(this.current).filter((guess) => this.folders.has(guess.folder)).slice(0, 3);
  }

  #drawGuesses() {
    const guesses = this.#guesses();
    this.part('guesses').replaceChildren(...guesses.map((guess, place) => this.#guess(guess, place)));
    const far = Boolean(this.current?.far && guesses.length);
    this.part('far').hidden = !far;
    this.part('guesses').classList.toggle('doubtful', far);
    const lack = this.current && !guesses.length;
    this.learning.draw(lack ? (this.queue.guessed ? 'video' : 'all') : null, guesses.length > 0);
  }

  #guess({ folder, confidence }, place) {
    const sure = Math.round(100 * (Number(confidence) || 0));
    const button = make('button', 'guess');
    Object.assign(button, { type: 'button', value: folder, title: folder });
    button.dataset.do = 'sort';
    const bar = make('span', 'bar');
    bar.style.setProperty('--share', `${sure}%`);
    const key = make('kbd', '', place ? this.folders.key(folder) : 'Enter');
    button.append(bar, key, make('span', 'name', folder), make('span', 'percent', percent(sure)));
    const row = make('li');
    row.append(button);
    return row;
  }

  #drawProgress() {
    if (this.folders.rows) this.folders.draw();
    this.progress.draw(this.queue.left, this.folders.total());
  }

  #drawOrders() {
    const option = (value, text) => Object.assign(make('option', '', text), { value });
    const { order, folder } = this.choice;
    const names = folder && !this.folders.has(folder) ? [...this.folders.names(), folder] : this.folders.names();
    const group = Object.assign(document.createElement('optgroup'), { label: 'Predicted as' });
    group.append(...names.map((name) => option(`folder:${name}`, name)));
    const orders = Object.entries(ORDERS).map(([value, text]) => option(value, text));
    this.part('order').replaceChildren(...orders, ...(names.length ? [group] : []));
    this.part('order').value = folder ? `folder:${folder}` : order;
  }

  #flash(folder) {
    this.folders.flash(folder);
    const flash = this.part('flash');
    flash.textContent = folder;
    flash.getAnimations().forEach((animation) => animation.cancel());
    flash.animate([{ opacity: 1 }, { opacity: 1, offset: 0.6 }, { opacity: 0 }], 900);
  }

  #drawMarks({ muted, paused }) {
    this.root.classList.toggle('muted', muted);
    this.root.classList.toggle('paused', paused);
    this.root.querySelector('[data-do="mute"]').setAttribute('aria-pressed', muted);
    this.root.querySelector('[data-do="pause"]').setAttribute('aria-pressed', paused);
  }

  #drawWordsButton(on, ever) {
    const button = this.root.querySelector('[data-do="read"]');
    button.hidden = !ever;
    button.setAttribute('aria-pressed', on);
  }

  #connection(there) {
    this.part('banner').hidden = there;
    this.part('banner').textContent = there ? '' : 'The server does not answer. Trying again; nothing you sorted is forgotten.';
    if (!there || this.stopped) return;
    this.stage.retry();
    if (this.current) this.#showWords();
    this.#topUp();
    this.learning.watch();
  }

  // ---- listening ----

  #listen() {
    const { signal } = this.leaving;
    fill(this.root, signal);
    const on = (target, name, action, options = {}) => target.addEventListener(name, action, { ...options, signal });
    this.keyboard = new Keyboard(this.root, on, {
      press: (action, pressed) => this.#do(() => this[action](pressed)),
      digit: (n, pressed) => this.#do(() => this.sortByKey(n, pressed)),
    });
    this.names = new NameDialog(this.part, on, (...name) => this.#saveName(...name));
    on(window, 'beforeunload', (event) => { if (this.moves.pending.size) event.preventDefault(); });
    on(document, 'visibilitychange', () => this.#seenAgain());
    on(this.root, 'click', (event) => this.#click(event));
    on(this.root, 'mousedown', (event) => this.#keepFocus(event));
    on(this.root, 'keydown', (event) => this.#escape(event));
    on(this.part('order'), 'change', ({ target }) => this.#chooseOrder(target));
    on(this.part('filter'), 'input', ({ target }) => this.folders.filter(target.value));
    on(this.part('filter'), 'keydown', (event) => this.#filterKey(event));
    on(this.part('setup'), 'submit', (event) => {
      event.preventDefault();
      this.#setUp('/api/setup', { data_dir: this.part('path').value });
    });
    this.#listenToTouch(on);
  }

  /** A key or a click also allows the sound that the browser had held back until one came. */
  #do(action) {
    this.stage.unblock();
    action();
  }

  #click(event) {
    const button = event.target.closest('[data-do]');
    if (!button) return;
    const { do: what } = button.dataset;
    if (what === 'close') button.closest('dialog').close();
    else if (what === 'rename') this.names.open(button.value);
    else if (what === 'sort') this.#do(() => this.#sortByClick(button.value, event));
    else this.#do(() => this[what](event.timeStamp));
    if (what === 'sort') this.#leaveFilter();
  }

  /** A double click sorts one video: nobody has seen the next one by then. */
  #sortByClick(folder, { detail, timeStamp }) {
    const twice = detail > 1 && timeStamp - this.clicked < DOUBLE_MS;
    this.clicked = timeStamp;
    if (!twice) this.sort(folder, timeStamp);
  }

  /** A clicked button does not take the focus, or the next Enter would click it again. */
  #keepFocus(event) {
    if (event.target.closest('button') && !event.target.closest('dialog, form')) event.preventDefault();
  }

  /** Left to the browser, a dialog closes only after the next key may have come. */
  #escape(event) {
    const dialog = event.key === 'Escape' && event.target.closest('dialog');
    if (!dialog) return;
    event.preventDefault();
    dialog.close();
  }

  #chooseOrder(select) {
    const folder = select.value.startsWith('folder:') ? select.value.slice('folder:'.length) : null;
    this.choose(folder ? { order: 'confident', folder } : { order: select.value, folder: null });
    select.blur(); // the keys are the player's again
  }

  #filterKey(event) {
    if (event.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return;
    event.preventDefault();
    const words = event.target.value;
    const folder = event.key === 'Enter' && words.trim() ? this.folders.first(words) : null;
    this.#leaveFilter();
    this.keyboard.use(event); // this Enter must not take the next prediction too
    if (folder) this.sort(folder, event.timeStamp);
  }

  #leaveFilter() {
    this.part('filter').value = '';
    this.folders.filter('');
    this.part('filter').blur();
  }

  /** A swipe up or to the left skips, down or to the right goes back, a tap pauses. */
  #listenToTouch(on) {
    const { box } = this.stage;
    let start = null;
    let swiped = false;
    on(box, 'pointerdown', (event) => {
      swiped = false;
      start = event.pointerType === 'mouse' ? null : event;
    });
    on(box, 'pointerup', (event) => {
      const [x, y] = start ? [event.clientX - start.clientX, event.clientY - start.clientY] : [0, 0];
      const far = Math.abs(x) > Math.abs(y) ? x : y;
      start = null;
      swiped = Math.abs(far) > 60;
      if (swiped) this.#do(() => (far < 0 ? this.skip(event.timeStamp) : this.back()));
    });
    on(box, 'click', (event) => {
      const line = event.target.closest('[data-part="timeline"]')?.getBoundingClientRect();
      if (line) this.stage.seek((event.clientX - line.left) / line.width);
      else if (!swiped) this.pause();
    });
  }

  async #seenAgain() {
    if (document.hidden) return;
    this.learning.watch();
    const config = await this.server.ask('/api/config/status').catch(() => null);
    const another = config && this.server.library && config.data_dir !== this.server.library; // chosen on another page
    if (another) this.trail = [];
    if (this.stopped) return;
    if (another || this.finished) this.restart(); // new files may have come
    else if (this.current) this.#reloadFolders(); // or another page has sorted
  }
}

const players = new WeakMap(); // by the element they are mounted on

/**
 * What Streamlit calls for the component, on every rerun with the same element again, and what
 * the bare page calls once. `data` may hold `api` (the base address), `folder` (show only what is
 * predicted as this one) and `height` (a CSS length). Returns what takes the player away.
 */
export default function mount({ parentElement, data }) {
  let player = players.get(parentElement);
  if (player && (player.stopped || !parentElement.contains(player.root))) {
    player.stop();
    player = null;
  }
  if (player) player.update(data ?? {});
  else players.set(parentElement, player = new Player(parentElement, data ?? {}));
  return () => player.stop();
}

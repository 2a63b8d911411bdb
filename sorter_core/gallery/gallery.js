/** Doubtful videos as pictures, one of them playing; each is moved or kept with one key. */

import { count, make, percent, toast } from '../player/page.js';
import { Server } from '../player/server.js';
import { Words } from '../player/words.js';

const sure = (item) => `${percent(Math.round(100 * item.confidence))} sure`;

class Gallery {
  constructor(parent, data) {
    this.root = parent.querySelector('[data-part="gallery"]');
    this.part = (name) => this.root.querySelector(`[data-part="${name}"]`);
    this.video = this.part('video');
    this.listeners = new AbortController();
    this.server = new Server(data.api ?? '', () => {});
    this.said = new Words(this.part('texts'), this.server, {
      jump: (seconds) => { this.video.currentTime = seconds; },
      tell: (on, ever) => { this.part('text-key').hidden = !ever; },
    });
    this.done = []; // what `undo` takes back, the last one last
    this.#listen();
    this.update(data);
  }

  /** Shows another list when the page asks for one. */
  update(data) {
    const wanted = JSON.stringify(data);
    if (wanted === this.wanted) return;
    const first = this.wanted === undefined;
    this.wanted = wanted;
    this.data = data;
    this.#load(first);
  }

  async #load(first) {
    const { wanted } = this;
    this.items = [];
    this.done = [];
    this.part('words').textContent = 'Looking them up …';
    try {
      this.server.sameLibrary(await this.server.insist('/api/config/status'));
      const { videos, total, gone } = await this.server.insist(this.data.path);
      if (wanted !== this.wanted || this.stopped) return;
      this.items = videos;
      this.#draw(total, gone);
      if (videos.length) this.choose(0);
      // A click on a cell is to be followed by keys; whoever came to read is left alone.
      if (!first || this.data.focus) {
        this.root.focus({ preventScroll: true });
        const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth';
        if (!first || this.data.scroll) this.root.scrollIntoView({ block: 'nearest', behavior });
      }
    } catch (error) {
      if (wanted !== this.wanted) return;
      this.part('words').textContent = error.message;
    }
  }

  #draw(total, gone) {
    const { words, cards, frame } = Object.fromEntries(['words', 'cards', 'frame'].map((name) => [name, this.part(name)]));
    const parts = [total ? `${count(total, 'video')}.` : this.data.none];
    if (total > this.items.length) parts.push(`The ${this.items.length} surest are shown.`);
    if (gone) parts.push(`${gone === 1 ? 'One more was' : `${gone.toLocaleString()} more were`} moved since this training.`);
    words.textContent = parts.join(' ');
    frame.hidden = !this.items.length;
    this.part('keys').hidden = !this.items.length;
    this.cards = this.items.map((item, place) => this.#card(item, place));
    cards.replaceChildren(...this.cards);
    this.video.removeAttribute('src');
    this.video.load();
  }

  #card(item, place) {
    const card = make('button', 'card');
    card.type = 'button';
    card.tabIndex = -1;
    card.setAttribute('role', 'option');
    const picture = Object.assign(make('img'), { loading: 'lazy', decoding: 'async', alt: '', draggable: false });
    picture.addEventListener('error', () => card.classList.add('blank'));
    picture.src = this.#address('/api/posters/', item);
    const label = make('span', 'label');
    label.append(make('span', 'from', item.folder), make('span', 'to', `→ ${item.suggested}`));
    card.append(picture, make('span', 'share', percent(Math.round(100 * item.confidence))), label, make('span', 'state'));
    card.title = item.filename;
    card.setAttribute('aria-label', `${item.filename}, in ${item.folder}, would go to ${item.suggested}, ${sure(item)}`);
    card.addEventListener('click', () => this.choose(place));
    return card;
  }

  /** Where a video is to be had; a name that is no valid Unicode is found nowhere. */
  #address(route, { filename, folder, at }) {
    const place = at ?? folder;
    try {
      return `${this.server.base}${route}${encodeURIComponent(filename)}?folder=${encodeURIComponent(place)}`;
    } catch { return `${this.server.base}${route}%00`; }
  }

  choose(place) {
    if (!this.items.length) return;
    const at = Math.max(0, Math.min(place, this.items.length - 1));
    this.cards[this.at]?.setAttribute('aria-selected', 'false');
    this.at = at;
    this.cards[at].setAttribute('aria-selected', 'true');
    this.#reveal(this.cards[at]);
    this.#play();
    this.said.show(this.item.filename, this.item.at ?? this.item.folder);
    this.#tell();
  }

  /** Scrolls the list, never the page. */
  #reveal(card) {
    const list = this.part('cards');
    const top = card.offsetTop - list.offsetTop;
    if (top < list.scrollTop) list.scrollTop = top - 8;
    else if (top + card.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + card.offsetHeight - list.clientHeight + 8;
  }

  #play() {
    const address = this.#address('/videos/', this.item);
    if (this.video.getAttribute('src') === address) return;
    this.part('broken').hidden = true;
    this.video.poster = this.#address('/api/posters/', this.item);
    this.video.src = address;
    this.video.play().catch(() => {}); // not before a first click: then the picture stands
  }

  get item() { return this.items[this.at]; }

  /** What is said of the chosen video, and what can be done with it. */
  #tell() {
    const { item } = this;
    const { state } = item;
    this.part('name').textContent = item.filename;
    this.part('doubt').textContent = item.folder === item.suggested
      ? `In “${item.folder}”, and rightly so: ${sure(item)}.`
      : `Lies in “${item.folder}”; not knowing that, the model says “${item.suggested}”, ${sure(item)}.`;
    const [move, keep, undo] = ['move', 'keep', 'undo'].map((name) => this.part(name));
    const same = item.folder === item.suggested;
    const focused = [move, keep, undo].find((button) => button === this.root.getRootNode().activeElement);
    move.textContent = `Move to “${item.suggested}”`;
    move.hidden = same || Boolean(state);
    keep.textContent = 'It is right as it is';
    keep.hidden = same || Boolean(state);
    undo.textContent = state === 'kept' ? 'Doubt it again' : 'Undo the move';
    undo.hidden = !state;
    if (focused?.hidden) this.root.focus({ preventScroll: true }); // or the keys would go nowhere
  }

  /** What the picture in the list says of what was done. */
  #mark(item) {
    const card = this.cards[this.items.indexOf(item)];
    if (!card) return; // another list by now
    card.dataset.state = item.state ?? '';
    card.querySelector('.state').textContent = { moved: `in ${item.suggested}`, kept: 'right' }[item.state] ?? '';
  }

  async #act(item, deed) {
    if (item.busy) return;
    item.busy = true;
    try {
      await deed();
    } catch (error) {
      toast(this.part('toasts'), `${item.filename}: ${error.message}`, { problem: true });
    } finally {
      item.busy = false;
      this.#mark(item);
      if (this.item === item) this.#tell();
    }
  }

  move() {
    const { item } = this;
    if (!item || item.state || item.folder === item.suggested) return;
    this.#act(item, async () => {
      const { batch } = await this.server.ask('/api/move', { filename: item.filename, source: item.folder, target: item.suggested });
      Object.assign(item, { state: 'moved', at: item.suggested, batch });
      this.done.push(item);
      this.#next(item);
    });
  }

  keep() {
    const { item } = this;
    if (!item || item.state || item.folder === item.suggested) return;
    this.#act(item, async () => {
      await this.server.ask('/api/misfilings/keep', { filename: item.filename, folder: item.folder });
      item.state = 'kept';
      this.done.push(item);
      this.#next(item);
    });
  }

  /** Takes back the last deed, or that on `item`, and shows the video again. */
  undo(item = this.done.at(-1)) {
    if (!item?.state) return;
    this.#act(item, async () => {
      this.server.sameLibrary(await this.server.ask('/api/config/status')); // another numbers its batches anew
      if (item.state === 'moved') await this.server.ask('/api/undo', { batch: item.batch });
      else await this.server.ask('/api/misfilings/keep', { filename: item.filename, folder: item.folder, doubt: true });
      delete item.state;
      delete item.at;
      this.done = this.done.filter((other) => other !== item);
      this.choose(this.items.indexOf(item));
    });
  }

  /** Goes on to the next video that nothing was done with. */
  #next(item) {
    if (this.item !== item) return;
    const open = (other) => !other.state;
    const later = this.items.findIndex((other, place) => place > this.at && open(other));
    const place = later >= 0 ? later : this.items.findIndex(open);
    if (place >= 0) this.choose(place);
  }

  #listen() {
    const on = (target, name, deed) => target.addEventListener(name, deed, { signal: this.listeners.signal });
    on(this.root, 'keydown', (event) => this.#key(event));
    const once = (deed) => (event) => { if (event.detail < 2) deed(); }; // a double click is for one video, not for the next as well
    on(this.part('move'), 'click', once(() => this.move()));
    on(this.part('keep'), 'click', once(() => this.keep()));
    on(this.part('undo'), 'click', () => this.undo(this.item));
    on(this.video, 'click', () => this.#pause());
    on(this.video, 'timeupdate', () => this.said.time(this.video.currentTime));
    on(this.video, 'error', () => { this.part('broken').hidden = !this.video.getAttribute('src'); });
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.items.length) return;
    const columns = Math.max(1, getComputedStyle(this.part('cards')).gridTemplateColumns.split(' ').length);
    const once = (deed) => () => { if (!event.repeat) deed(); }; // a held key moves one video, not ten
    const deed = {
      ArrowRight: () => this.choose(this.at + 1),
      ArrowLeft: () => this.choose(this.at - 1),
      ArrowDown: () => this.choose(this.at + columns),
      ArrowUp: () => this.choose(this.at - columns),
      Enter: once(() => this.move()),
      k: once(() => this.keep()),
      u: once(() => this.undo()),
      ' ': once(() => this.#pause()),
      m: once(() => { this.video.muted = !this.video.muted; }),
      t: once(() => this.said.toggle()),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const button = event.target.closest?.('.deeds button, .texts button');
    if (!deed || (button && (event.key === 'Enter' || event.key === ' '))) return; // the button has it
    event.preventDefault();
    event.stopPropagation();
    deed();
  }

  #pause() {
    if (this.video.paused) this.video.play().catch(() => {});
    else this.video.pause();
  }

  stop() {
    this.stopped = true;
    this.said.stop();
    this.listeners.abort();
    this.video.removeAttribute('src');
    this.video.load();
  }
}

const galleries = new WeakMap(); // by the element they are mounted on

/**
 * What Streamlit calls on every rerun. `data`: `path` (the route that lists the videos), `none`
 * (what is said of an empty list), `focus` (take the keys at once),
 * `scroll` (come into sight), `api` (the base address).
 */
export default function mount({ parentElement, data }) {
  let gallery = galleries.get(parentElement);
  if (gallery && (gallery.stopped || !parentElement.contains(gallery.root))) {
    gallery.stop();
    gallery = null;
  }
  if (gallery) gallery.update(data);
  else galleries.set(parentElement, gallery = new Gallery(parentElement, data));
  return () => gallery.stop();
}

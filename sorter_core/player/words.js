/** What is known of a video in words: who made it, its caption, and what is said, marked as it is said. */

import { make, memory } from './page.js';
import { Unreachable } from './server.js';

const PATIENCE_MS = 60; // the picture comes first
const KEPT = 40; // videos whose words are remembered
const LINGER_S = 0.4; // how long a line stays marked after its end: players tell the time four times a second
const NOTHING = { caption: null, author: null, hashtags: [], transcript: [] };

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
const nameOf = ({ filename, folder }) => `${folder ?? ''}/${filename}`; // no folder has a slash in its name

/**
 * Fills `box` with the words of one video after the other. One request at a time, none before the
 * picture had its turn; those of what comes next are fetched, too, so as to be there with the picture.
 */
export class Words {
  /** `jump(seconds)` is called for a click on a line, `tell(on, ever)` when it changes what there is to see. */
  constructor(box, server, { jump, tell = () => {} }) {
    this.box = box;
    this.server = server;
    this.tell = tell;
    this.on = memory.read('words', 'yes') !== 'no';
    this.ever = false; // whether anything was known of any video: from then on there is room for it
    this.kept = new Map();
    this.wanted = [];
    this.lines = [];
    this.about = make('p', 'about');
    this.about.dir = 'auto';
    this.list = make('ol', 'transcript');
    this.list.setAttribute('aria-label', 'What is said');
    box.replaceChildren(this.about, this.list);
    this.list.addEventListener('click', (event) => {
      const line = event.target.closest('button');
      if (line) jump(Number(line.value));
    });
    this.#draw();
  }

  /** Shows the words of a video; without `folder` it is looked for in the pile first. */
  show(filename, folder) {
    this.wanted = [{ filename, folder }];
    this.#draw();
    this.#soon();
  }

  /** What comes next. */
  prepare(filenames) {
    this.wanted = [...this.wanted.slice(0, 1), ...filenames.map((filename) => ({ filename }))];
    this.#soon();
  }

  clear() {
    this.wanted = [];
    this.#draw();
  }

  /** Something may have been read out of the videos since: all is asked for again. */
  forget() {
    this.kept.clear();
    this.#soon();
  }

  toggle() {
    this.on = !this.on;
    memory.write('words', this.on ? 'yes' : 'no');
    this.#draw();
    this.#soon();
  }

  /** Marks the line that is said at `seconds`. */
  time(seconds) {
    const place = this.lines.findLastIndex((line) => line.start <= seconds + 0.05);
    const said = place >= 0 && seconds < this.lines[place].end + LINGER_S ? place : -1;
    if (said === this.said) return;
    this.said = said;
    this.lines.forEach(({ button }, number) => {
      if (number === said) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    });
    if (said >= 0 && !this.list.matches(':hover')) this.#reveal(this.lines[said].button);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  #soon() {
    clearTimeout(this.timer);
    if (this.on && !this.stopped) this.timer = setTimeout(() => this.#load(), PATIENCE_MS);
  }

  async #load() {
    if (this.loading) return; // it goes on with what is wanted by then
    this.loading = true;
    for (let next = this.#missing(); next && this.on && !this.stopped; next = this.#missing()) {
      const words = await this.#ask(next);
      if (!words) break;
      this.kept.set(nameOf(next), words);
      if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
      if (this.wanted[0] && nameOf(next) === nameOf(this.wanted[0])) this.#draw();
    }
    this.loading = false;
  }

  #missing() {
    return this.wanted.find((video) => !this.kept.has(nameOf(video)));
  }

  /** Null where the server is gone: then it is asked again. */
  async #ask({ filename, folder }) {
    try {
      const place = folder == null ? '' : `?folder=${encodeURIComponent(folder)}`;
      return { ...NOTHING, ...await this.server.ask(`/api/videos/${encodeURIComponent(filename)}/texts${place}`) };
    } catch (error) {
      return error instanceof Unreachable ? null : NOTHING; // it is gone, or its name can't be written
    }
  }

  #draw() {
    const words = (this.wanted[0] && this.kept.get(nameOf(this.wanted[0]))) || NOTHING;
    const { author, transcript } = words;
    const caption = words.caption || words.hashtags.map((tag) => `#${tag}`).join(' ');
    const known = Boolean(author || caption || transcript.length);
    this.ever ||= known;
    this.about.replaceChildren(...(author ? [make('b', '', author), ' '] : []), caption);
    this.about.hidden = !author && !caption;
    this.lines = transcript.map((line) => ({ ...line, button: this.#line(line) }));
    this.said = -1;
    this.list.replaceChildren(...this.lines.map(({ button }) => {
      const item = make('li');
      item.append(button);
      return item;
    }));
    this.list.hidden = !transcript.length;
    this.about.scrollTop = 0;
    this.list.scrollTop = 0;
    this.box.classList.toggle('empty', !known);
    this.box.hidden = !this.on || !this.ever;
    this.tell(this.on, this.ever);
  }

  #line({ start, text }) {
    const button = make('button', 'line');
    Object.assign(button, { type: 'button', value: start, title: `Jump to ${clock(start)}` });
    const said = make('span', '', text);
    said.dir = 'auto';
    button.append(make('time', '', clock(start)), said);
    return button;
  }

  /** Scrolls the list, never the page. */
  #reveal(line) {
    this.list.scrollTop = line.offsetTop - Math.max(0, (this.list.clientHeight - line.offsetHeight) / 2);
  }
}

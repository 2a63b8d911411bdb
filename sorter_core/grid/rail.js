/** The confidence, what it takes, and the folders. */

import { count, make, percent } from '../player/page.js';

/** The pile of everything; a folder's pile has its name, '' is what has no guess. */
export const ALL = null;

export const about = (errors) => {
  if (errors < 0.1) return 'less than 0.1 wrong';
  if (errors < 9.5) return `about ${errors.toFixed(1)} wrong`;
  return `about ${Math.round(errors).toLocaleString()} wrong`;
};

export class Rail {
  constructor(part) {
    this.part = part;
  }

  /** `folders`: [{name, count}]; `outlook`: the server's answer. */
  set(folders, outlook) {
    this.folders = folders;
    this.outlook = outlook;
    this.known = new Set(folders.map((folder) => folder.name));
  }

  /** (videos, errors) that the threshold `percent` takes, from the curve of the pile on show. */
  taken(percent) {
    return [this.outlook.counts[percent] ?? 0, this.outlook.errors[percent] ?? 0];
  }

  drawDial(threshold, pile) {
    const [videos, errors] = this.taken(threshold);
    this.part('percent').textContent = percent(threshold);
    this.part('takes').replaceChildren();
    const lines = pile === '' ? ['Nothing was predicted for these.'] : [count(videos, 'video'), about(errors)];
    this.part('takes').append(make('strong', '', lines[0]));
    if (lines[1] && videos) this.part('takes').append(make('span', 'wrong', lines[1]));
    this.part('threshold').style.setProperty('--at', `${threshold}%`);
    for (const end of ['x1', 'x2']) this.part('needle').setAttribute(end, threshold);
    this.#curve('taken', this.outlook.counts);
    this.#curve('wrong', this.outlook.errors);
  }

  #curve(name, values) {
    const most = Math.max(1, ...this.outlook.counts);
    const points = values.map((value, i) => `L${i} ${(40 - 38 * (value / most)).toFixed(2)}`);
    this.part(name).setAttribute('d', `M0 40 ${points.join(' ')} L100 40 Z`);
  }

  /** What no folder is like, with the way to where folders are made of it. */
  drawFar() {
    const { far } = this.outlook;
    this.part('far').hidden = !far;
    this.part('far').textContent = far === 1 ? '1 looks like none of your folders' : `${far.toLocaleString()} look like none of your folders`;
  }

  drawPiles(pile) {
    const { piles, videos, expected_errors: errors, unguessed } = this.outlook;
    const guessed = new Map(piles.map((each) => [each.folder, each]));
    const rows = [this.#row(ALL, 'Everything', videos, errors, pile)];
    for (const each of piles) rows.push(this.#row(each.folder, each.folder, each.videos, each.expected_errors, pile));
    if (unguessed) rows.push(this.#row('', 'No guess yet', unguessed, null, pile));
    const idle = this.folders.filter((folder) => !guessed.has(folder.name));
    if (idle.length) rows.push(make('li', 'divider', 'Nothing predicted'));
    for (const folder of idle) rows.push(this.#row(folder.name, folder.name, 0, null, pile));
    this.part('piles').replaceChildren(...rows);
  }

  #row(name, text, videos, errors, chosen) {
    const row = make('li', 'pile');
    const open = make('button', 'open');
    open.type = 'button';
    open.dataset.do = 'openPile';
    open.pile = name;
    open.title = text;
    if (name === chosen) open.setAttribute('aria-current', 'true');
    const note = errors === null || !videos ? '' : about(errors);
    const words = make('span', 'words');
    words.append(make('span', 'name', text), make('span', 'note', note));
    open.append(words, make('span', 'count', videos.toLocaleString()));
    row.append(open);
    if (name && !this.known.has(name)) {
      row.classList.add('gone');
      words.lastChild.textContent = 'no such folder any more: retrain';
    } else if (name) row.append(this.#menu(name));
    return row;
  }

  /** What can be done with a folder, behind its three dots. */
  #menu(name) {
    const button = make('select', 'menu');
    button.setAttribute('aria-label', `Change the folder ${name}`);
    button.folder = name;
    const filed = this.folders.find((folder) => folder.name === name)?.count ?? 0;
    const entries = [['', '⋯'], ['rename', 'Rename…'], ['merge', 'Merge into…'], ['delete', filed ? 'Delete (not empty)' : 'Delete']];
    for (const [value, text] of entries) {
      const option = make('option', '', text);
      Object.assign(option, { value, hidden: value === '', disabled: value === 'delete' && filed > 0 });
      button.append(option);
    }
    return button;
  }
}

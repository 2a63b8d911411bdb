/** The list of folders, and the dialog that makes or renames one. */

import { make } from './page.js';

/** A folder keeps its place, and so its key, as long as the page is open. */
export class Folders {
  constructor(part, pending) {
    this.part = part;
    this.pending = pending; // name -> how many moves into it are under way
    this.list = [];
    this.rows = null; // name -> elements, once drawn
  }

  names() { return this.list.map((folder) => folder.name); }

  has(name) { return this.list.some((folder) => folder.name === name); }

  key(name) {
    const place = this.list.findIndex((folder) => folder.name === name) + 1;
    return place > 0 && place < 10 ? String(place) : '';
  }

  /** How many lie in all folders, as the server told last. */
  filed() { return this.list.reduce((sum, folder) => sum + folder.count, 0); }

  total() { return this.list.reduce((sum, folder) => sum + folder.count + this.pending(folder.name), 0); }

  /** Takes the server's list; `renamed` is [old, new] when a folder keeps its place under a new name. */
  set(fresh, renamed = []) {
    const counts = new Map(fresh.map((folder) => [folder.name, folder.count]));
    const places = this.names().map((name) => (name === renamed[0] ? renamed[1] : name)).filter((name) => counts.has(name));
    const names = [...new Set([...places, ...counts.keys()])];
    const same = this.rows && names.join('/') === this.names().join('/'); // no folder has a slash in its name
    this.list = names.map((name) => ({ name, count: counts.get(name) }));
    if (!same) this.#build();
    this.draw();
    return !same;
  }

  #build() {
    this.rows = new Map();
    const rows = this.list.map(({ name }) => this.#row(name));
    this.part('folders').replaceChildren(...rows);
    this.part('no-folders').hidden = rows.length > 0;
    this.part('no-folders').textContent = 'No folders yet. Press N to make the first one.';
    this.filter(this.part('filter').value);
  }

  #row(name) {
    const row = make('li', 'folder-row');
    const button = make('button', 'folder');
    Object.assign(button, { type: 'button', value: name, title: name });
    button.dataset.do = 'sort';
    const tally = make('span', 'count');
    button.append(make('kbd', '', this.key(name)), make('span', 'name', name), tally);
    const pencil = make('button', 'pencil', '✎');
    Object.assign(pencil, { type: 'button', value: name, title: 'Rename (F2)' });
    pencil.dataset.do = 'rename';
    pencil.setAttribute('aria-label', `Rename ${name}`);
    row.append(button, pencil);
    this.rows.set(name, { row, button, tally });
    return row;
  }

  draw() {
    for (const { name, count: files } of this.list) {
      this.rows.get(name).tally.textContent = (files + this.pending(name)).toLocaleString();
    }
  }

  flash(name) {
    const row = this.rows.get(name)?.row;
    row?.animate?.([{ backgroundColor: 'rgb(37 244 238 / .28)' }, { backgroundColor: 'transparent' }], 500);
  }

  filter(words) {
    const wanted = words.trim().toLocaleLowerCase();
    for (const [name, { row }] of this.rows) row.hidden = !name.toLocaleLowerCase().includes(wanted);
  }

  /** The first folder that the filter leaves, rather one that begins with its words. */
  first(words) {
    const left = this.names().filter((name) => !this.rows.get(name).row.hidden);
    const wanted = words.trim().toLocaleLowerCase();
    return left.find((name) => name.toLocaleLowerCase().startsWith(wanted)) ?? left[0];
  }
}

/** Asks for a name; the server judges it, and its reason stays in the dialog until the name is good. */
export class NameDialog {
  /** `save(old, name, sortToo, time)` throws where the name is refused; `old` is null for a new folder. */
  constructor(part, on, save) {
    this.part = part;
    this.save = save;
    this.old = null;
    on(part('name-form'), 'submit', (event) => {
      event.preventDefault();
      this.submit(false, event.timeStamp);
    });
  }

  open(old, canSort) {
    this.old = old;
    this.part('name').value = old ?? '';
    this.part('name-title').textContent = old === null ? 'New folder' : `Rename “${old}”`;
    this.part('name-save').textContent = old === null ? 'Make folder' : 'Rename';
    this.part('name-sort').hidden = old !== null || !canSort;
    this.part('name-problem').textContent = '';
    this.part('name-dialog').showModal();
    this.part('name').select();
  }

  async submit(sortToo, time) {
    try {
      await this.save(this.old, this.part('name').value, sortToo, time);
      this.part('name-dialog').close();
    } catch (error) {
      this.part('name-problem').textContent = error.message;
      this.part('name').select();
    }
  }
}

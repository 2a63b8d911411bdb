/**
 * What was taken out of which folder in this session: it never comes back selected there.
 *
 * The server is told with each question and offers such a video where its next guess is.
 */

/** Stands for all folders: what was skipped is offered nowhere. */
export const NOWHERE = '';

const KEY = 'sorter.bulk.out';
const MOST = 5000; // videos; the oldest are forgotten first

export class Out {
  /** What this session remembers; or, as `told` says, something that is not remembered. */
  constructor(told = null) {
    this.loose = told !== null;
    this.folders = new Map(); // file name -> folders
    try {
      const kept = told ?? JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
      for (const [name, folders] of Object.entries(kept)) this.folders.set(name, folders.map(String));
    } catch { /* forbidden or broken: then nothing was taken out */ }
  }

  add(name, ...folders) {
    this.folders.set(name, [...new Set([...this.folders.get(name) ?? [], ...folders])]);
    if (this.folders.size > MOST) this.folders.delete(this.folders.keys().next().value);
    this.#keep();
  }

  /** Who takes it back into one folder did not want it skipped. */
  remove(name, ...folders) {
    const left = (this.folders.get(name) ?? []).filter((folder) => folder !== NOWHERE && !folders.includes(folder));
    if (left.length) this.folders.set(name, left);
    else this.folders.delete(name);
    this.#keep();
  }

  /** {name: [folder]}, as the server takes it. */
  told() {
    return Object.fromEntries(this.folders);
  }

  #keep() {
    if (this.loose) return;
    try { sessionStorage.setItem(KEY, JSON.stringify(this.told())); } catch { /* then until the page is left */ }
  }
}

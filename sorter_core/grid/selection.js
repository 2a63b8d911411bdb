/** What is selected: all that the confidence takes, but for some, or only some. */

export class Selection {
  constructor() {
    this.skipped = new Map(); // name -> video; left where they are
    this.selectAll();
  }

  clear() {
    this.all = false;
    this.names = new Map(); // what differs from the rest: name -> video
  }

  selectAll() {
    this.all = true;
    this.names = new Map();
  }

  /** A grid was opened: everything in it that was not taken out of it, or nothing. */
  begin(all) {
    this.all = all;
    this.names = new Map();
    for (const [name, video] of this.skipped) if (video.folder !== null) this.skipped.delete(name);
  }

  /** The same grid was fetched again: what was taken out is marked so now, what was picked stays picked. */
  renew() {
    if (this.all) this.begin(true);
  }

  /** Whether a tile is selected that nobody touched. */
  #usual(video) {
    return this.all && !video.out;
  }

  has(video) {
    return !this.skipped.has(video.filename) && this.#usual(video) !== this.names.has(video.filename);
  }

  set(video, on) {
    this.skipped.delete(video.filename);
    if (on === this.#usual(video)) this.names.delete(video.filename);
    else this.names.set(video.filename, video);
  }

  /** How many, of the `taken` that the confidence takes; `shown` tells whether a video is in this grid. */
  size(taken, shown) {
    if (!this.all) return this.names.size;
    const changed = [...this.names.values()].reduce((sum, video) => sum + (video.out ? 1 : -1), 0);
    const skipped = [...this.skipped.values()].filter((video) => !video.out && shown(video)).length;
    return Math.max(0, taken + changed - skipped);
  }

  /** Names that stay when all the rest moves. */
  without() {
    const off = [...this.names.values()].filter((video) => !video.out).map((video) => video.filename);
    return [...off, ...this.skipped.keys()];
  }

  /** Videos that were taken out of this grid before, and are selected again. */
  back() {
    return this.all ? [...this.names.values()].filter((video) => video.out) : [];
  }

  skip(videos) {
    this.clear();
    for (const video of videos) this.skipped.set(video.filename, video);
  }
}

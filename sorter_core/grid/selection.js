/** What is selected: some videos, or all that the confidence takes but for some. */

export class Selection {
  constructor() {
    this.skipped = new Map(); // name -> video; left where they are, until the page is opened again
    this.clear();
  }

  clear() {
    this.all = false;
    this.names = new Map(); // selected, or, with `all`, taken out: name -> video
  }

  selectAll() {
    this.all = true;
    this.names = new Map();
  }

  has(name) {
    return !this.skipped.has(name) && this.all !== this.names.has(name);
  }

  set(video, on) {
    this.skipped.delete(video.filename);
    if (on === this.all) this.names.delete(video.filename);
    else this.names.set(video.filename, video);
  }

  toggle(video) {
    this.set(video, !this.has(video.filename));
  }

  /** How many, of the `total` that are shown; `shown` tells whether a video is one of these. */
  size(total, shown) {
    const skipped = [...this.skipped.values()].filter(shown).length;
    return this.all ? Math.max(0, total - this.names.size - skipped) : this.names.size;
  }

  /** Names that stay when everything else is moved. */
  without() {
    return [...this.names.keys(), ...this.skipped.keys()];
  }

  skip() {
    for (const [name, video] of this.names) this.skipped.set(name, video);
    this.clear();
  }
}

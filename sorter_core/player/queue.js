/** What comes next. */

const PAGE = 50; // videos asked for at once
const SWEEP = 500; // page size of the last look for what paging has missed

export const guessesOf = (video) => (Array.isArray(video?.top_predictions) ? video.top_predictions : []);

/**
 * The videos of one round, fetched page by page.
 *
 * A sorted video leaves the server's list and shifts what follows, so the next page starts after
 * those we know and have not sorted. What this misses (someone else sorts too) a last sweep finds.
 */
export class Queue {
  /** `choice` is {order, folder}. */
  constructor(server, choice, moves) {
    this.server = server;
    this.choice = choice;
    this.moves = moves;
    this.items = [];
    this.known = new Set(); // names never to be taken up again in this round
    this.taken = new Set(); // those of them that have left the pile
    this.left = null;
    this.stale = false; // whether `left` is wrong, for somebody else sorts as well
    this.guessed = false; // whether any video had a prediction
    this.swept = null; // where the sweep stands, null when there is none
    this.ended = false;
    this.changes = 0;
    this.loading = null;
  }

  more() {
    this.loading ??= this.#page().finally(() => { this.loading = null; });
    return this.loading;
  }

  async #page() {
    const sweeping = this.swept !== null;
    const limit = sweeping ? SWEEP : PAGE;
    const offset = sweeping ? this.swept : this.known.size - this.taken.size;
    const videos = await this.#list(offset, limit);
    const short = videos.length < limit;
    const fresh = this.#add(videos);
    if (short && (offset === 0 || (sweeping && !fresh))) this.ended = true;
    else if (fresh) this.swept = null;
    else this.swept = sweeping ? this.swept + limit : 0;
  }

  async #list(offset, limit) {
    const before = this.#moment();
    const query = new URLSearchParams({ limit, offset, order: this.choice.order });
    if (this.choice.folder) query.set('folder', this.choice.folder);
    const page = await this.server.ask(`/api/videos?${query}`);
    // The total is of some moment between asking and now; where moves are under way, our own count is better.
    if (this.left === null || (before === this.#moment() && !this.moves.pending.size)) {
      this.left = page.total;
      this.stale = false;
    }
    return page.videos;
  }

  #add(videos) {
    const fresh = videos.filter((video) => !this.known.has(video.filename));
    for (const video of fresh) this.known.add(video.filename);
    this.items.push(...fresh);
    this.guessed ||= videos.some((video) => guessesOf(video).length);
    return fresh.length;
  }

  /** New predictions: what is ahead is fetched anew, in its new order; returns the page by name. */
  async refresh() {
    const behind = this.known.size - this.taken.size - this.items.length;
    const videos = await this.#list(0, Math.min(SWEEP, PAGE + behind));
    for (const video of this.items) this.known.delete(video.filename);
    this.items = [];
    this.swept = null;
    this.ended = false;
    this.#add(videos);
    return new Map(videos.map((video) => [video.filename, video]));
  }

  /** Asks how many are left; `stale` stays where moves under way make the answer doubtful. */
  async recount() {
    await this.#list(0, 0);
  }

  take(video) {
    this.known.add(video.filename);
    this.taken.add(video.filename);
    this.#count(-1);
  }

  giveBack(video) {
    this.known.add(video.filename);
    this.taken.delete(video.filename);
    this.#count(1);
  }

  forget(video) {
    this.known.delete(video.filename);
    this.taken.delete(video.filename);
  }

  putFirst(video) {
    this.remove(video);
    this.items.unshift(video);
  }

  remove(video) {
    this.items = this.items.filter((other) => other.filename !== video.filename);
  }

  /** Changes with every move that begins or ends. */
  #moment() {
    return this.changes + this.moves.settled;
  }

  #count(step) {
    this.changes += 1;
    this.left = Math.max(0, (this.left ?? 0) + step);
  }
}

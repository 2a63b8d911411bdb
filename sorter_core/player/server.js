/** Asking the server, and waiting for it when it is gone. */

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** The server said no; `message` is its reason. */
export class Refused extends Error {
  constructor(status, reason) {
    super(reason);
    this.status = status;
    this.repeated = false; // true when an earlier try may have got through, its answer lost
  }
}

export class Unreachable extends Error {}

export class Server {
  constructor(base, onChange) {
    this.base = base;
    this.onChange = onChange;
    this.library = null; // the directory of the library that we began with
    this.back = null; // while the server is gone: a promise of its return
  }

  /** GET, or POST when there is a body. Throws Refused or Unreachable. */
  async ask(path, body) {
    const options = body === undefined
      ? { headers: { Accept: 'application/json' }, cache: 'no-store' }
      // keepalive: a move on its way survives the closing of the page
      : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), keepalive: true };
    const response = await fetch(this.base + path, options).catch(() => null);
    if (!response) {
      this.lost();
      throw new Unreachable('The server does not answer.');
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const { detail } = answer;
    const reason = typeof detail === 'string' ? detail : detail && JSON.stringify(detail);
    throw new Refused(response.status, reason || `The server answered with an error (${response.status}).`);
  }

  /** Asks until there is an answer, for what may be asked twice without harm. */
  async insist(path, body) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.ask(path, body);
      } catch (error) {
        if (!(error instanceof Unreachable)) throw Object.assign(error, { repeated: tries > 0 });
        await this.back;
      }
    }
  }

  /** Takes the answer of /api/config/status; throws where another page has chosen another library since. */
  sameLibrary({ data_dir: library }) {
    this.library ??= library;
    if (library !== this.library) throw new Error('Another library was chosen on another page. Reload this one.');
  }

  video(filename) {
    // A name that is no valid Unicode can't be put into an address; its video says it can't be played.
    try { return `${this.base}/videos/${encodeURIComponent(filename)}`; } catch { return `${this.base}/videos/%00`; }
  }

  lost() {
    if (this.back) return;
    this.back = this.#knock();
    this.onChange(false);
  }

  async #knock() {
    for (let wait = 400; ; wait = Math.min(wait * 1.6, 5000)) {
      await sleep(wait);
      const answer = await fetch(`${this.base}/api/config/status`, { cache: 'no-store', signal: AbortSignal.timeout(5000) }).catch(() => null);
      if (answer) break;
    }
    this.back = null;
    this.onChange(true);
  }
}

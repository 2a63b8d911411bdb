/** The retraining job, as far as it concerns the person who sorts. */

import { duration } from './progress.js';

const RUNNING_MS = 1500; // how often a running job is looked at
const IDLE_MS = 20000; // and how often we look whether someone else started one
const REFIT_EVERY = 20; // sorted videos after which the model takes them in
const STAGES = { extract_features: 'Analysing the videos', train: 'Learning your folders', predict: 'Predicting' };

export class Learning {
  /** `onNews(result)` is called when a job has ended, with its last_result. */
  constructor(part, server, onNews) {
    this.part = part;
    this.server = server;
    this.onNews = onNews;
    this.job = null;
    this.filedSince = 0; // videos sorted since the last refit
    this.guesses = false; // whether there are bars
    this.lack = null; // why there are no bars: null, 'video' (only this one has none) or 'all'
  }

  /** Looks at the job, and again after a while: another page, or a script, may have started it. */
  async watch() {
    clearTimeout(this.timer);
    const job = document.hidden ? null : await this.server.ask('/api/retrain/status').catch(() => null);
    if (this.stopped) return;
    if (job) this.#take(job);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.watch(), this.job?.running ? RUNNING_MS : IDLE_MS);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  async start() {
    await this.server.ask('/api/retrain', {});
    await this.watch();
  }

  /** A video was sorted: after some the model learns from them; resolves to whether there are new guesses. */
  async filed() {
    this.filedSince += 1;
    if (this.filedSince < REFIT_EVERY) return false;
    this.filedSince = 0;
    // Without a model, or where the job is at it, there is nothing to refit: the guesses stay.
    const answer = await this.server.ask('/api/refit', {}).catch(() => null);
    return !this.stopped && answer?.status === 'refitted';
  }

  #take(job) {
    const before = this.job;
    this.job = job;
    this.draw(this.lack);
    const ended = before && !job.running && (before.running || before.finished_at !== job.finished_at);
    if (ended && job.last_result) this.onNews(job.last_result);
  }

  /** `guesses`: whether there are bars; where they come from names only, that is said. */
  draw(lack, guesses = this.guesses) {
    this.lack = lack;
    this.guesses = guesses;
    this.part('origin').hidden = !guesses || this.job?.guessed_by !== 'names';
    const running = Boolean(this.job?.running);
    this.part('job').hidden = !running && !lack;
    this.part('job-meter').hidden = !running;
    this.part('retrain').hidden = running || lack !== 'all';
    this.part('job-text').textContent = running ? this.#progress() : this.#reason();
    const share = running && this.job.total ? this.job.done / this.job.total : 0;
    this.part('job-meter').firstElementChild.style.transform = `scaleX(${share})`;
  }

  #progress() {
    const { stage, done, total, eta_seconds: eta, cancelling } = this.job;
    if (cancelling) return 'Stopping…';
    const parts = [STAGES[stage] ?? 'Starting to learn'];
    if (total) parts.push(`${done.toLocaleString()} of ${total.toLocaleString()}`);
    if (typeof eta === 'number') parts.push(`${duration(eta)} left`);
    return parts.join(' · ');
  }

  #reason() {
    if (this.lack !== 'all') return 'No prediction for this video yet.';
    const result = this.job?.last_result;
    const failed = result && result !== 'success' ? ` Last time: ${result}` : '';
    return `No predictions yet. Sort a few videos into at least two folders, then train.${failed}`;
  }
}

/** Where the videos play. */

import { make, memory } from './page.js';

export const AHEAD = 2; // videos loaded ahead

/**
 * Three <video> elements: the one that plays and the next two, loaded up to their first frame.
 *
 * Not more, for a browser opens six connections to a server and the moves need one. An element
 * that is no longer wanted lets go of its file at once: on Windows an open file can't be moved.
 */
export class Stage {
  /** `tell.marks({muted, paused})` and `tell.clock(seconds)` are called when these change. */
  constructor(part, server, tell) {
    this.box = part('stage');
    this.part = part;
    this.server = server;
    this.tell = tell;
    this.muted = memory.read('muted', 'yes') !== 'no';
    this.shown = null;
    this.names = new Map(); // element -> file name
    this.videos = Array.from({ length: 1 + AHEAD }, () => this.#element());
    this.box.prepend(...this.videos);
  }

  #element() {
    const video = make('video', 'clip');
    Object.assign(video, { preload: 'auto', loop: true, muted: true, playsInline: true, disablePictureInPicture: true, tabIndex: -1 });
    video.setAttribute('aria-hidden', 'true');
    const whenShown = (action) => () => { if (video === this.shown) action(video); };
    video.addEventListener('loadedmetadata', () => {
      video.style.setProperty('--ratio', video.videoWidth / video.videoHeight || 9 / 16); // sound alone has no size
      this.#shape();
    });
    video.addEventListener('error', whenShown(() => this.#broken()));
    video.addEventListener('timeupdate', whenShown(() => this.#clock(video)));
    for (const name of ['waiting', 'loadeddata', 'playing']) {
      video.addEventListener(name, whenShown(() => this.#waiting(video)));
    }
    return video;
  }

  /** Shows a video now and loads `ahead`; `pressed` is the time of the key press, for measuring. */
  show(filename, ahead, pressed) {
    const wanted = [filename, ...ahead];
    this.#release(wanted);
    const video = this.#find(filename) ?? this.#load(filename);
    if (this.shown !== video) this.shown?.classList.remove('shown');
    this.shown = video;
    video.classList.add('shown');
    video.removeAttribute('aria-hidden');
    video.setAttribute('aria-label', filename);
    this.part('broken').hidden = true;
    this.#shape();
    this.#waiting(video);
    this.#clock(video);
    this.#measure(video, filename, pressed);
    this.play();
    if (video.error) this.#broken();
    this.prepare(wanted);
  }

  /** Loads what of `wanted` is not there yet; the first is the one that plays. */
  prepare(wanted) {
    this.#release(wanted);
    for (const filename of wanted) if (!this.#find(filename)) this.#load(filename);
  }

  clear() {
    this.shown = null;
    this.#release([]);
  }

  stop() {
    this.clear();
    for (const video of this.videos) video.remove();
  }

  #find(filename) {
    return this.videos.find((video) => this.names.get(video) === filename);
  }

  #load(filename) {
    const video = this.videos.find((each) => !this.names.has(each));
    this.names.set(video, filename);
    video.src = this.server.video(filename);
    return video;
  }

  #release(wanted) {
    for (const [video, filename] of [...this.names]) {
      if (wanted.includes(filename)) continue;
      this.names.delete(video);
      video.classList.remove('shown');
      video.setAttribute('aria-hidden', 'true');
      video.removeAttribute('src');
      video.load(); // without it the connection, and with it the file, stays open
    }
  }

  #measure(video, filename, pressed) {
    const current = () => this.shown === video && this.names.get(video) === filename;
    const seen = () => {
      if (!current()) return;
      if (pressed !== undefined) performance.measure('sort-to-frame', { start: pressed, end: performance.now(), detail: { filename } });
      setTimeout(() => { if (current()) this.#glow(video); }, 60); // not in the way of the picture
    };
    // A video loaded ahead has its first frame drawn already, unseen: it is on the screen once the next picture of
    // the page is out, which the callback after that one tells. The frame callback would tell of the second frame.
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) requestAnimationFrame(() => requestAnimationFrame(seen));
    else if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(seen);
    else video.addEventListener('timeupdate', seen, { once: true });
  }

  /** The video's own colours, in a few soft pixels, light the room around it. */
  #glow(video) {
    const canvas = this.part('ambient');
    // Not the few pixels themselves: drawn in parts, without a graphics card, they would show seams.
    const few = Object.assign(document.createElement('canvas'), { width: 5, height: 8 });
    for (const [picture, onto] of [[video, few], [few, canvas]]) {
      const pen = onto.getContext('2d');
      pen.filter = onto === few ? 'saturate(1.5)' : 'none';
      pen.imageSmoothingQuality = 'high';
      pen.drawImage(picture, 0, 0, onto.width, onto.height);
    }
  }

  async play() {
    const video = this.shown;
    if (!video) return;
    video.muted = this.muted;
    this.#marks();
    try {
      await video.play();
    } catch (error) {
      if (error.name !== 'NotAllowedError' || video.muted) return; // a video shown no longer, or broken: said elsewhere
      video.muted = true; // no sound before the person has touched the page
      video.play().catch(() => {});
    }
    this.#marks();
  }

  /** A key or a click allows the sound that the browser had held back. */
  unblock() {
    if (this.shown && this.shown.muted !== this.muted) this.shown.muted = this.muted;
  }

  toggleMute() {
    this.muted = !this.muted;
    memory.write('muted', this.muted ? 'yes' : 'no');
    if (this.shown) this.shown.muted = this.muted;
    this.#marks();
  }

  togglePause() {
    if (!this.shown) return;
    if (this.shown.paused) this.play();
    else this.shown.pause();
    this.#marks();
  }

  seek(fraction) {
    if (this.shown?.duration) this.shown.currentTime = fraction * this.shown.duration;
  }

  jump(seconds) {
    if (this.shown?.duration) this.shown.currentTime = Math.min(seconds, this.shown.duration);
  }

  /** Loads again what failed while the server was gone. */
  retry() {
    for (const [video] of this.names) if (video.error) video.load();
    if (this.shown) {
      this.part('broken').hidden = true;
      this.play();
    }
  }

  #marks() {
    this.tell.marks({ muted: this.muted, paused: Boolean(this.shown?.paused && !this.shown.error) });
  }

  /** The caption takes the form of the picture it lies on. */
  #shape() {
    this.part('caption').style.setProperty('--ratio', this.shown?.style.getPropertyValue('--ratio') || '');
  }

  #waiting(video) {
    this.box.classList.toggle('waiting', video.readyState < 2 && !video.error);
  }

  #clock(video) {
    const line = this.part('timeline').firstElementChild;
    line.style.transform = `scaleX(${video.duration ? video.currentTime / video.duration : 0})`;
    this.tell.clock(video.currentTime);
  }

  async #broken() {
    const video = this.shown;
    const filename = this.names.get(video);
    this.box.classList.remove('waiting');
    this.#marks();
    const answer = await fetch(this.server.video(filename), { headers: { Range: 'bytes=0-0' } }).catch(() => null);
    answer?.body?.cancel();
    if (!answer) this.server.lost();
    if (video !== this.shown || filename !== this.names.get(video) || !video.error) return;
    this.part('reason').textContent = this.#why(answer);
    this.part('advice').textContent = answer?.status === 404 ? 'Go on to the next one.' : 'It can still be sorted or skipped.';
    this.part('broken').hidden = false;
  }

  #why(answer) {
    if (!answer) return 'The server does not answer.';
    if (answer.status === 404) return 'This file is no longer there.';
    if (!answer.ok) return `The server can't send this file (${answer.status}).`;
    return "Your browser can't play this video: it is damaged, or of a kind the browser doesn't know.";
  }
}

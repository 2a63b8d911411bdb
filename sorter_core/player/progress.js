/** How far the person is, and how fast. */

export function duration(seconds) {
  if (seconds < 60) return 'under 1 min';
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `about ${minutes} min` : `about ${Math.round(minutes / 6) / 10} h`;
}

/** Videos a minute over the last 30, leaving out pauses longer than a minute. */
class Pace {
  constructor() { this.times = []; }

  tick() { this.times = [...this.times, performance.now()].slice(-30); }

  back() { this.times.pop(); }

  perMinute() {
    const gaps = this.times.slice(1).map((time, i) => time - this.times[i]).filter((gap) => gap < 60000);
    if (gaps.length < 3) return null;
    return (60000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0);
  }
}

export class Progress {
  constructor(part) {
    this.part = part;
    this.pace = new Pace();
  }

  /** `left` is null as long as nobody knows. */
  draw(left, sorted) {
    const known = left !== null;
    const share = known && sorted + left ? sorted / (sorted + left) : 0;
    this.part('left').textContent = known ? left.toLocaleString() : '–';
    this.part('meter').firstElementChild.style.transform = `scaleX(${share})`;
    this.part('meter').setAttribute('aria-valuenow', Math.floor(100 * share));
    this.part('sorted').textContent = known ? `${sorted.toLocaleString()} of ${(sorted + left).toLocaleString()} sorted` : '';
    const pace = this.pace.perMinute();
    this.part('pace').textContent = pace && left ? ` · ${Math.round(pace)} a min · ${duration((60 * left) / pace)} to go` : '';
  }
}

/** What the parts need of the page around them. */

/** What was chosen last time; a browser may forbid us to remember. */
export const memory = {
  read(name, otherwise) {
    try { return localStorage.getItem(`sorter.${name}`) ?? otherwise; } catch { return otherwise; }
  },
  write(name, value) {
    try { localStorage.setItem(`sorter.${name}`, value); } catch { /* then it is not remembered */ }
  },
};

/** A new element; `text` is never read as HTML. */
export function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className ?? '';
  element.textContent = text ?? '';
  return element;
}

/** The number and its sign stay on one line. */
export const percent = (whole) => `${whole}\u00a0%`;

export const count = (n, noun) => `${n.toLocaleString()} ${noun}${n === 1 ? '' : 's'}`;

/** Keeps in `--top` how far down the page `root` starts, so that it can fill what is below: when
    the window changes, and when something comes to stand above it or goes. */
export function fill(root, signal) {
  const place = () => root.style.setProperty('--top', `${Math.max(0, root.getBoundingClientRect().top)}px`);
  const around = new ResizeObserver(place);
  around.observe(root.getRootNode().host?.closest('[data-testid="stVerticalBlock"]') ?? document.body);
  signal.addEventListener('abort', () => around.disconnect());
  window.addEventListener('resize', place, { signal });
  place();
}

/** Says something for a while, a problem longer; `offer` is [label, action]. */
export function toast(box, text, { problem = false, offer = null } = {}) {
  const note = make('div', problem ? 'toast problem' : 'toast');
  const button = make('button', offer ? 'link' : 'close', offer?.[0] ?? '×');
  button.type = 'button';
  if (!offer) button.setAttribute('aria-label', 'Close');
  button.addEventListener('click', () => {
    note.remove();
    offer?.[1]();
  });
  note.append(make('p', '', text), button);
  if (box.lastElementChild?.firstElementChild.textContent === text) box.lastElementChild.remove(); // said once is enough
  box.append(note);
  while (box.children.length > 3) box.firstElementChild.remove();
  setTimeout(() => note.remove(), problem ? 12000 : 4000);
}

/** Which key does what, and when a key is none of our business. */

const KEYS = {
  Enter: 'accept', ArrowRight: 'skip', ArrowLeft: 'back', ' ': 'pause', F2: 'renameHere',
  u: 'undo', m: 'mute', n: 'create', t: 'read', '?': 'help', '/': 'find',
};
const FIELDS = 'input, textarea, select, dialog, [role="dialog"], [role="textbox"], [role="combobox"], [role="listbox"], [role="slider"]';
const BUTTONS = 'button, a, summary, [role="button"], [role="tab"], [role="checkbox"], [role="radio"]';

export class Keyboard {
  /** `press(action, time)` is called for each key that means something, `digit(n, time)` for 1 to 9. */
  constructor(root, on, { press, digit }) {
    this.root = root;
    this.press = press;
    this.digit = digit;
    this.held = new Set(); // keys that are down
    // In the capture phase: before Streamlit's own shortcuts, which can't see into a shadow root.
    on(window, 'keydown', (event) => this.#down(event), { capture: true });
    on(window, 'keyup', (event) => this.held.delete(event.code), { capture: true });
    on(window, 'blur', () => this.held.clear());
    // Nor must Streamlit take for a shortcut what is typed into a field in here.
    on(root, 'keydown', (event) => { if (event.target.closest(FIELDS)) event.stopPropagation(); });
  }

  /** The key of this event is used up: it acts again only after it was let go. */
  use(event) {
    this.held.add(event.code);
  }

  #down(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || this.#elsewhere(event)) return;
    const act = this.#meaning(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat || this.held.has(event.code)) return; // a held key sorts one video, not ten
    this.use(event);
    act(event.timeStamp);
  }

  #meaning({ key, code, shiftKey }) {
    // Where the layout has no Latin letters, the letter's place counts.
    const plain = /^[\x20-\x7e]$/.test(key) ? key.toLowerCase() : code?.match(/^Key([A-Z])$/)?.[1].toLowerCase();
    const action = KEYS[key] ?? KEYS[plain];
    if (action) return (time) => this.press(action, time);
    // And where digits need Shift (French keyboards), theirs.
    const digit = /^[1-9]$/.test(key) ? key : !shiftKey && code?.match(/^(?:Digit|Numpad)([1-9])$/)?.[1];
    return digit ? (time) => this.digit(Number(digit), time) : null;
  }

  /** Whether the key is for something else on the page: a field, a dialog, a focused button. */
  #elsewhere(event) {
    if (!this.root.checkVisibility() || this.root.querySelector('dialog[open]')) return true;
    const [target] = event.composedPath(); // event.target stops at the shadow root
    // A dialog that was closed keeps the focus until the next frame.
    if (!(target instanceof Element) || target.closest('dialog:not([open])')) return false;
    if (target.isContentEditable || target.closest(FIELDS)) return true;
    return (event.key === 'Enter' || event.key === ' ') && Boolean(target.closest(BUTTONS));
  }
}

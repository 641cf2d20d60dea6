// One-letter keys: each presses a button that stands on the page, the one in the selected row first. They can be
// switched off (WCAG 2.1.4); the choice stays in this browser.
const OFF = 'sportello-keys-off';

export const keysAreOn = () => localStorage.getItem(OFF) !== '1';

const isTyping = (target) => target.closest('input, textarea, select, [contenteditable]') !== null;

const isVisible = (element) => element.getClientRects().length > 0;

function buttonFor(key, scope) {
  const wanted = `[data-key="${CSS.escape(key)}"]`;
  const own = scope ? [...scope.querySelectorAll(wanted)] : [];
  return [...own, ...document.querySelectorAll(wanted)].find((element) => own.includes(element) || (isVisible(element) && !element.closest('[data-row]')));
}

// `selected` gives the row that keys mean, `extra` a map of keys to functions of the page.
export function listenToKeys({ selected = () => null, extra = {} } = {}) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.key === 'Escape' && isTyping(event.target)) {
      event.target.blur();
      return;
    }
    if (isTyping(event.target) || !keysAreOn()) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (extra[key]) {
      if (extra[key](event) !== false) event.preventDefault();
      return;
    }
    const button = key.length === 1 ? buttonFor(key, selected()) : null;
    if (!button) return;
    event.preventDefault();
    if (key === '/') document.querySelector('[data-search]')?.focus();
    else button.click();
  });
  offerTheChoice();
}

function offerTheChoice() {
  const choice = document.querySelector('[data-keys-choice]');
  const box = choice?.querySelector('input');
  if (!box) return;
  choice.hidden = false;
  box.checked = keysAreOn();
  box.addEventListener('change', () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, '1');
  });
}

/** Copy buttons. Browsers offer the clipboard to secure pages only, so elsewhere they stay hidden. */
const SHOWN_FOR_MS = 2_000;

export function offerCopying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll('button[data-copy]')) button.hidden = false;
}

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button[data-copy]') : null;
  if (!button) return;
  navigator.clipboard.writeText(button.dataset.copy).then(
    () => say(button, 'Copied'),
    () => say(button, 'Not allowed'),
  );
});

function say(button, text) {
  button.textContent = text;
  setTimeout(() => (button.textContent = 'Copy'), SHOWN_FOR_MS);
}

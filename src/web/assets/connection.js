/** Whether the page is true this very moment. */
const TEXTS = { live: 'Live', lost: 'Connection lost. Reconnecting…', none: '' };

/** @param {keyof typeof TEXTS} state */
export function showConnection(state) {
  const element = document.querySelector('#connection');
  if (element.dataset.connection === state) return;
  element.dataset.connection = state;
  element.textContent = TEXTS[state];
}

/** The reschedule form in the reader's own time. The server takes `dueAtIso`, which says its zone; without a script it reads UTC. */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function prepareReschedule() {
  for (const form of document.querySelectorAll('form[data-reschedule]')) {
    const label = form.querySelector('[data-zone]');
    if (label.textContent !== `(${zone})`) label.textContent = `(${zone})`;
    const input = form.elements.namedItem('dueAt');
    if (!input.dataset.utc) continue;
    // Once: from then on the field is the reader's.
    input.value = localTime(new Date(input.dataset.utc));
    delete input.dataset.utc;
  }
}

document.addEventListener('submit', ({ target: form }) => {
  if (!form.matches('form[data-reschedule]')) return;
  const time = new Date(form.elements.namedItem('dueAt').value);
  form.elements.namedItem('dueAtIso').value = Number.isNaN(time.getTime()) ? '' : time.toISOString();
});

/** As `<input type="datetime-local">` takes it. */
function localTime(date) {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

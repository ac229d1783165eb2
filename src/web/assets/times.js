/** Times in the reader's own zone, relative ones that stay true, and countdowns. */
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

export function showTimes() {
  const now = Date.now();
  for (const time of document.querySelectorAll('time[data-show]')) {
    const at = Date.parse(time.dateTime);
    setText(time, time.dataset.show === 'relative' ? relativeTo(now, at) : moment.format(at));
    if (time.dataset.show === 'relative') time.title = moment.format(at);
  }
  for (const clock of document.querySelectorAll('[data-countdown]')) {
    const left = Date.parse(clock.dateTime) - now;
    clock.hidden = false;
    setText(clock, left > 0 ? clockOf(Math.ceil(left / 1_000)) : 'due now');
  }
}

/** On the second, so that a countdown and its neighbours tick together. */
export function keepTimes() {
  setTimeout(
    () => {
      showTimes();
      keepTimes();
    },
    1_000 - (Date.now() % 1_000),
  );
}

function relativeTo(now, at) {
  const seconds = Math.round((at - now) / 1_000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

const two = (number) => String(number).padStart(2, '0');

/** `0:09`, `1:02:03`, `3 d 04:05:06` */
function clockOf(seconds) {
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  const rest = two(seconds % 60);
  if (days > 0) return `${days} d ${two(hours)}:${two(minutes)}:${rest}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Only where it differs: a text that is set again loses the reader's selection. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

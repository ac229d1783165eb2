/** Times as people read them. Pages show UTC; the client script turns that into the reader's own time. */

const UTC = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** `24 Nov 2026, 08:54:12 UTC`; what is no time is shown as it came. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  return isMoment(time) ? `${UTC.format(time)} UTC` : iso;
}

/** `350 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h` */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const units: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  let rest = Math.round(ms / 1_000);
  const parts: string[] = [];
  for (const [size, unit] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || parts.length > 0) parts.push(`${count} ${unit}`);
  }
  return parts
    .slice(0, 2)
    .filter((part) => !part.startsWith('0 '))
    .join(' ');
}

/** What `<input type="datetime-local">` takes: the UTC time without its zone. Empty for what is no time. */
export function formatForInput(iso: string): string {
  const time = new Date(iso);
  return isMoment(time) ? time.toISOString().slice(0, 19) : '';
}

function isMoment(time: Date): boolean {
  return !Number.isNaN(time.getTime());
}

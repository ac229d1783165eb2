/** Small pictures drawn in the text's colour. They repeat what the words beside them say, so screen readers skip them. */
import type { ShownState } from '../models/job-model.ts';

const SHAPES = {
  scheduled: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 4.5V12l3 2.5',
  queued: 'M5 6h14M5 12h14M5 18h8',
  running: 'M8 5.5v13l10.5-6.5Z',
  retrying: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 3.5v4h-4',
  paused: 'M8.5 5.5v13M15.5 5.5v13',
  dead: 'M8 3h8l5 5v8l-5 5H8l-5-5V8Zm4 4.5v5.5m0 3.4v.1',
  done: 'm4.5 12.5 5 5 10-11',
  discarded: 'm6 6 12 12M18 6 6 18',
  cancelled: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM5.8 5.8l12.4 12.4',
  unknown: 'M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 1.9v.5m0 3.2v.1',
  warning: 'M12 4 2.8 19.5h18.4Zm0 5.5v4.5m0 2.9v.1',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 8v5.5m0-9v.1',
  out: 'M9 6H5.5v12.5H18V15M13 5h6v6M19 5l-8.5 8.5',
} as const satisfies Readonly<Record<ShownState, string>> & Readonly<Record<string, string>>;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}

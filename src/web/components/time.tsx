import { formatTime } from '../models/format-times.ts';

interface TimeProps {
  readonly at: string;
  /** `relative`: the client script says "in 9 s" or "2 min ago" instead, and keeps it true. */
  readonly show?: 'moment' | 'relative';
}

/** UTC as rendered; the client script turns it into the reader's own time. */
export function Time({ at, show = 'moment' }: TimeProps) {
  return (
    <time datetime={at} data-show={show} title={show === 'relative' ? formatTime(at) : undefined}>
      {formatTime(at)}
    </time>
  );
}

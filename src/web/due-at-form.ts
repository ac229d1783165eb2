/** What the reschedule form asks for. */
import { LIMITS } from '../contract/limits.ts';
import { parseTime } from '../job/job-record.ts';
import type { RefusedTime } from './components/action-forms.tsx';

type Form = Readonly<Record<string, unknown>>;

interface Clock {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** ISO 8601; the job's due time so far. */
  readonly dueAt: string;
}

/**
 * In order: a button that postpones, the time with its zone that the client script made of the typed one, the typed one itself,
 * which without a script is UTC.
 */
export function askedDueAt(form: Form, clock: Clock): { readonly dueAt: string } | { readonly refused: RefusedTime } {
  const postponeMs = Number(text(form, 'postponeMs') || Number.NaN);
  if (Number.isInteger(postponeMs) && postponeMs > 0 && postponeMs <= LIMITS.delayMs) {
    // Later than now, also for a job that should have run long ago.
    return within(new Date(Math.max(clock.now, Date.parse(clock.dueAt)) + postponeMs).toISOString(), '', clock);
  }
  const typed = text(form, 'dueAt');
  return within(text(form, 'dueAtIso') || `${typed}Z`, typed, clock);
}

function within(dueAt: string, typed: string, { now }: Clock): { dueAt: string } | { refused: RefusedTime } {
  const time = parseTime(dueAt);
  if (time === undefined)
    return { refused: { typed, detail: 'This is no date and time: use one like 2030-01-31 10:30.' } };
  if (time - now > LIMITS.delayMs)
    return { refused: { typed, detail: 'This is too far away: choose a time within ten years.' } };
  return { dueAt: new Date(time).toISOString() };
}

function text(form: Form, name: string): string {
  const value = form[name];
  return typeof value === 'string' ? value.trim() : '';
}

/**
 * Errors that get past every handler: a rejection that nobody awaited, a throw in a timer. They are noted with the attempt that they
 * seem to come from, and kill nobody. Whose they are is a hint and no evidence: a pool that was made inside of one job calls back in
 * its name when it works for another.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { BUDGETS } from '../contract/budgets.ts';
import { clip } from '../contract/clip.ts';
import type { Stray } from './messages.ts';
import { plainFailure } from './plain-values.ts';

export interface Owner {
  readonly id: number;
  readonly jobId: string;
  readonly kind: string;
}

const owners = new AsyncLocalStorage<Owner>();

export function inAttempt<T>(owner: Owner, work: () => T): T {
  return owners.run(owner, work);
}

export function ownerOfThisMoment(): Owner | undefined {
  return owners.getStore();
}

export function watchStrays(onStray: (stray: Pick<Stray, 'isFatal' | 'text'>) => void): void {
  process.on('unhandledRejection', (reason) => onStray({ isFatal: false, text: textOf('nobody awaited', reason) }));
  // What threw may have left anything half done: Node's own advice is to end such a process.
  process.on('uncaughtException', (error) => onStray({ isFatal: true, text: textOf('nobody caught', error) }));
}

function textOf(what: string, thrown: unknown): string {
  const { type, message } = plainFailure(thrown).error;
  return clip(`${what}: ${type}: ${message}`, BUDGETS.stray);
}

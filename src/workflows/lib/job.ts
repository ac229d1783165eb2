/** A running job as its workflow holds it: the record, moved on by events, and told to Temporal's lists where it matters. */
import { log, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { foldJob } from '../../contract/fold-job.ts';
import type { AttemptEnd, Move, UntimedJobEvent } from '../../contract/job-events.ts';
import type { JobInput, JobView } from '../../contract/job.ts';
import { parseTime, recordFromInput, stateOf, type JobRecord } from '../../contract/job-record.ts';
import type { JobState as State } from '../../contract/job-states.ts';
import { viewJob } from '../../contract/job-view.ts';
import { invalidTime } from '../../contract/read-move.ts';
import { JobDueAt, JobError, JobQueue, JobState } from '../../contract/search-attributes.ts';
import { AttemptUnderWay } from './attempt-under-way.ts';
import type { WaitingMove } from './kept-moves.ts';
import { isOffTheHappyPath } from './listed-state.ts';

export class Job {
  #record: JobRecord;
  #listed: JobRecord;
  #attempt: AttemptUnderWay | undefined;

  /** @throws {ApplicationFailure} when the input names an unusable due time */
  constructor(input: JobInput) {
    const { workflowId, workflowType, startTime, typedSearchAttributes } = workflowInfo();
    if (input.dueAt !== undefined && parseTime(input.dueAt) === undefined) throw invalidTime(input.dueAt);
    this.#record = recordFromInput(workflowId, workflowType, startTime.getTime(), input);
    this.#listed = this.#record;
    // Started past the web, say by Temporal's CLI: lists know nothing of it yet.
    if (typedSearchAttributes.get(JobDueAt) === undefined)
      upsertSearchAttributes([
        { key: JobQueue, value: this.#record.queue },
        { key: JobDueAt, value: new Date(this.#record.dueAt) },
      ]);
  }

  get record(): JobRecord {
    return this.#record;
  }

  get view(): JobView {
    return viewJob(this.#record);
  }

  get ended(): boolean {
    return this.#record.phase === 'ended';
  }

  apply(event: UntimedJobEvent): void {
    this.#record = foldJob(this.#record, { ...event, at: Date.now() });
  }

  /** Makes a move; what an attempt under way does not allow is kept until that is over. */
  move(move: Move): WaitingMove | undefined {
    this.apply({ type: 'moved', move });
    this.list();
    return this.#attempt?.keep(move);
  }

  /** Runs an attempt from its queue to its end, and makes the moves that waited for that. */
  async attempt(work: () => Promise<AttemptEnd>): Promise<void> {
    this.apply({ type: 'attemptQueued' });
    // Cancelled in the moment in which it became due.
    if (this.ended) return;
    const attempt = new AttemptUnderWay(() => this.apply({ type: 'attemptWithdrawn' }));
    this.#attempt = attempt;
    try {
      const end = await attempt.run(work);
      this.#attempt = undefined;
      this.apply({ type: 'attemptEnded', end });
      attempt.over((move) => this.#isMade(move));
    } finally {
      this.#attempt = undefined;
      attempt.over(() => false);
    }
  }

  #isMade(move: Move): boolean {
    const before = this.#record;
    this.apply({ type: 'moved', move });
    // A pause that came during the attempt has been made already.
    return this.#record !== before || (move.type === 'pause' && stateOf(before) === 'paused');
  }

  /** Upserts what lists show, where it differs from what they show now. The happy path never gets here with a difference. */
  list(): void {
    const [before, now] = [this.#listed, this.#record];
    const changes: SearchAttributeUpdatePair[] = [];
    if (listedState(before) !== listedState(now)) changes.push({ key: JobState, value: listedState(now) });
    if (before.dueAt !== now.dueAt) changes.push({ key: JobDueAt, value: new Date(now.dueAt) });
    if (before.queue !== now.queue) changes.push({ key: JobQueue, value: now.queue });
    if (now.error && before.error?.type !== now.error.type) changes.push({ key: JobError, value: now.error.type });
    this.#listed = now;
    if (changes.length > 0) upsertSearchAttributes(changes);
  }

  logIgnored(why: string): void {
    log.warn('a signal was ignored', { jobId: this.#record.id, why });
  }
}

/** A job that is under way after a failure stays listed as it was until it ends or fails again: one upsert fewer. */
function listedState(record: JobRecord): State | null {
  const state = record.phase === 'attempting' && record.lastNumber > 1 ? 'retrying' : stateOf(record);
  return isOffTheHappyPath(state) ? state : null;
}

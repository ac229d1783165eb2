/** A running job as its workflow holds it: the record, moved on by events, and told to Temporal's lists where it matters. */
import { log, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { BUDGETS } from '../../contract/budgets.ts';
import { clip } from '../../contract/clip.ts';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { foldJob } from '../../job/fold-job.ts';
import type { AttemptEnd, Action, UntimedJobEvent } from '../../job/job-events.ts';
import type { JobView } from '../../job/job.ts';
import { recordFromInput, stateOf, type JobRecord } from '../../job/job-record.ts';
import type { JobState as State } from '../../job/job-states.ts';
import { viewJob } from '../../job/job-view.ts';
import type { Start } from '../../job/read-start.ts';
import { JobDueAt, JobError, JobQueue, JobState } from '../../contract/search-attributes.ts';
import { AttemptUnderWay } from './attempt-under-way.ts';
import type { WaitingAction } from './deferred-actions.ts';
import type { ActionableJob } from './handle-action.ts';
import { isListedWrongly } from './listed-due-at.ts';
import { isOffTheHappyPath } from './listed-state.ts';

export class Job implements ActionableJob {
  #record: JobRecord;
  #listed: JobRecord;
  #attempt: AttemptUnderWay | undefined;

  constructor({ input, problems }: Start) {
    const { workflowId, workflowType, startTime, typedSearchAttributes } = workflowInfo();
    this.#record = recordFromInput(workflowId, workflowType, startTime.getTime(), input, problems);
    this.#listed = this.#record;
    if (!input.record) this.#listAsStarted(typedSearchAttributes.get(JobDueAt));
  }

  /** @param listedDueAt as whoever started it reckoned by a clock of their own; absent where lists know nothing of the job yet */
  #listAsStarted(listedDueAt: Date | undefined): void {
    const { queue, dueAt } = this.#record;
    const changes: SearchAttributeUpdatePair[] = [];
    if (listedDueAt === undefined) changes.push({ key: JobQueue, value: queue });
    if (isListedWrongly(listedDueAt?.getTime(), dueAt)) changes.push({ key: JobDueAt, value: new Date(dueAt) });
    // Not usable from its start on.
    const { phase, error } = this.#record;
    if (phase === 'dead') changes.push({ key: JobState, value: 'dead' }, { key: JobError, value: error?.type ?? null });
    if (changes.length > 0) upsertSearchAttributes(changes);
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

  /** Makes an action; what an attempt under way does not allow is kept until that is over. */
  act(action: Action): WaitingAction | undefined {
    this.apply({ type: 'actionTaken', action });
    this.list();
    return this.#attempt?.keep(action);
  }

  cancel(by: string | undefined): void {
    this.apply({ type: 'cancelRequested', ...(by !== undefined && { by }) });
    this.#attempt?.cancel();
  }

  /** Runs an attempt from its queue to its end, and makes the actions that waited for that. */
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
      attempt.over((action) => this.#isMade(action));
    } finally {
      this.#attempt = undefined;
      attempt.over(() => false);
    }
  }

  #isMade(action: Action): boolean {
    const before = this.#record;
    this.apply({ type: 'actionTaken', action });
    // A pause that came during the attempt has been made already.
    return this.#record !== before || (action.type === 'pause' && stateOf(before) === 'paused');
  }

  /** Upserts what lists show, where it differs from what they show now. The happy path never gets here with a difference. */
  list(): void {
    const [before, now] = [this.#listed, this.#record];
    const changes: SearchAttributeUpdatePair[] = [];
    if (listedState(before) !== listedState(now)) changes.push({ key: JobState, value: listedState(now) });
    if (before.dueAt !== now.dueAt) changes.push({ key: JobDueAt, value: new Date(now.dueAt) });
    if (before.queue !== now.queue) changes.push({ key: JobQueue, value: now.queue });
    if (now.error && before.error?.type !== now.error.type)
      changes.push({ key: JobError, value: clip(now.error.type, BUDGETS.errorType) });
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

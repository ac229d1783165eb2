/** A job with a workflow of its own, which tells Temporal's lists of it where it matters. */
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { BUDGETS } from '../../contract/budgets.ts';
import { clip } from '../../contract/clip.ts';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import type { AttemptEnd } from '../../job/job-events.ts';
import { recordFromInput, stateOf, type JobRecord } from '../../job/job-record.ts';
import type { JobState as State } from '../../job/job-states.ts';
import type { Start } from '../../job/read-start.ts';
import { JobDueAt, JobError, JobQueue, JobState } from '../../contract/search-attributes.ts';
import { AttemptUnderWay } from './attempt-under-way.ts';
import { Job } from './job.ts';
import { isListedWrongly } from './listed-due-at.ts';
import { isOffTheHappyPath } from './listed-state.ts';

export class OwnJob extends Job {
  #record: JobRecord;
  #listed: JobRecord;

  constructor({ input, problems }: Start) {
    super();
    const { workflowId, workflowType, startTime, typedSearchAttributes } = workflowInfo();
    this.#record = recordFromInput(workflowId, workflowType, startTime.getTime(), input, problems);
    this.#listed = this.#record;
    if (!input.record) this.#listAsStarted(typedSearchAttributes.get(JobDueAt));
  }

  /** @param listedDueAt by the clock of the process that started it; absent where lists know nothing of the job yet */
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

  get ended(): boolean {
    return this.#record.phase === 'ended';
  }

  protected hold(record: JobRecord): void {
    this.#record = record;
  }

  protected acted(): void {
    this.list();
  }

  /** Runs an attempt from its queue to its end, and makes the actions that waited for that. */
  async attempt(work: () => Promise<AttemptEnd>): Promise<void> {
    const attempt = new AttemptUnderWay(() => this.apply({ type: 'attemptWithdrawn' }));
    this.handOver(attempt);
    // Cancelled in the moment in which it became due.
    if (this.ended) return this.giveUpAttempt();
    try {
      const end = await attempt.run(work);
      attempt.over();
      this.back({ type: 'attemptEnded', end });
    } finally {
      attempt.over();
      this.giveUpAttempt();
    }
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
}

/** A job that is under way after a failure stays listed as it was until it ends or fails again: one upsert fewer. */
function listedState(record: JobRecord): State | null {
  const state = record.phase === 'attempting' && record.lastNumber > 1 ? 'retrying' : stateOf(record);
  return isOffTheHappyPath(state) ? state : null;
}

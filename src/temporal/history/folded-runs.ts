/** Runs of jobs and of groups as they are read: each event is decoded once, and folded. */
import type { LoadedDataConverter } from '@temporalio/common';
import { JobNotFoundError } from '../errors.ts';
import { JobFold, type JobHistory } from './fold-history.ts';
import { GroupFold, type GroupHistory } from './group-history.ts';
import { GroupStepReader } from './group-steps.ts';
import { readStep } from './history-steps.ts';
import type { EventReader, HistoryEvent } from './run-history.ts';

/** Of a job's own workflow. */
export class OwnRun implements EventReader {
  readonly #jobId: string;
  readonly #converter: LoadedDataConverter;
  #fold: JobFold | undefined;

  constructor(jobId: string, converter: LoadedDataConverter) {
    this.#jobId = jobId;
    this.#converter = converter;
  }

  async read(event: HistoryEvent): Promise<void> {
    const step = await readStep(event, this.#converter);
    if (step?.type === 'started') this.#fold ??= new JobFold(this.#jobId, step);
    else if (step) this.#fold?.add(step);
  }

  /** @throws {JobNotFoundError} when the history is no job's */
  history(): JobHistory {
    if (!this.#fold) throw new JobNotFoundError(this.#jobId);
    return this.#fold.now();
  }
}

export class GroupRun implements EventReader {
  readonly #groupId: string;
  readonly #only: number | undefined;
  readonly #steps: GroupStepReader;
  #fold: GroupFold | undefined;

  /** @param only the one job that will be asked for, where there is but one */
  constructor(groupId: string, converter: LoadedDataConverter, only?: number) {
    this.#groupId = groupId;
    this.#only = only;
    this.#steps = new GroupStepReader(converter);
  }

  async read(event: HistoryEvent): Promise<void> {
    const step = await this.#steps.read(event);
    if (step?.type === 'groupStarted') this.#fold ??= new GroupFold(this.#groupId, step, this.#only);
    else if (step) this.#fold?.add(step);
  }

  /** @throws {JobNotFoundError} when the history is no group's */
  history(): GroupHistory {
    if (!this.#fold) throw new JobNotFoundError(this.#groupId);
    return this.#fold.now();
  }
}

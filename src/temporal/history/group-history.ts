/**
 * A group's history as each of its jobs would have it: the same steps as those of a job with a workflow of its own, so that one fold
 * serves both. Goes on with each step that is new, and folds those jobs only that are asked for.
 */
import { itemId, itemNumber, type GroupInput } from '../../job/group/groups.ts';
import { itemNumbers, readGroupStart, readItem } from '../../job/group/read-group-start.ts';
import { ChunksOut } from './chunks-out.ts';
import { JobFold, type JobHistory } from './fold-history.ts';
import type { GroupStep } from './group-steps.ts';
import { EVERY_ITEM, StepsOfItems } from './steps-of-items.ts';

type Step<T extends GroupStep['type']> = Extract<GroupStep, { type: T }>;

/** As of the newest step that was added. */
export interface GroupHistory {
  readonly groupId: string;
  readonly input: GroupInput;
  readonly startedAt: number;
  /** Numbers of the jobs that this run has, or began with. */
  readonly items: readonly number[];
  readonly closedAt: number | undefined;
  /** How its newest workflow task failed, where it did. */
  readonly taskFailure: string | undefined;
  readonly nextRunId: string | undefined;
  /** The run that went on as this one. */
  readonly previousRunId: string | undefined;
  hasLeft(item: number): boolean;
  /** Activity id of the chunk that has this job now. */
  chunkOf(item: number): string | undefined;
  /** @returns `undefined` for a job that this run does not have */
  fold(item: number): JobHistory | undefined;
}

/** A job of the group, folded up to the newest workflow task that is complete. */
interface ItemFold {
  readonly fold: JobFold;
  /** How many steps it has: of its own, and of those for all. */
  own: number;
  common: number;
}

/** The fold of one run, which goes on as its history does. */
export class GroupFold {
  readonly #groupId: string;
  readonly #start: Step<'groupStarted'>;
  readonly #input: GroupInput;
  readonly #only: number | undefined;
  readonly #left = new Set<number>();
  /** Up to the newest workflow task that is complete. */
  readonly #outs = new ChunksOut();
  readonly #steps: StepsOfItems;
  readonly #folds = new Map<number, ItemFold>();
  /** What came after it, in the order of events: what it means is only known when the workflow has heard all of it. */
  #news: GroupStep[] = [];
  #taskFailure: string | undefined;
  #end: Step<'closed' | 'continuedAsNew'> | undefined;
  #now: GroupHistory | undefined;

  /** @param only the one job that will be asked for, where there is but one: what is told of the others is not kept */
  constructor(groupId: string, start: Step<'groupStarted'>, only?: number) {
    this.#groupId = groupId;
    this.#start = start;
    this.#input = readGroupStart(groupId, start.inputs).input;
    this.#only = only;
    this.#steps = new StepsOfItems(only);
  }

  add(step: GroupStep): void {
    this.#now = undefined;
    this.#news.push(step);
    if (step.type === 'left') this.#left.add(itemNumber(this.#groupId, step.jobId) ?? -1);
    else if (step.type === 'taskFailed') this.#taskFailure = step.why;
    else if (step.type === 'closed' || step.type === 'continuedAsNew') this.#end = step;
    else if (step.type === 'taskCompleted') {
      this.#taskFailure = undefined;
      hear(this.#news, this.#outs, this.#steps);
      this.#news = [];
    }
  }

  /** The group as its steps tell it so far; the fold goes on from where it is, as if nobody had asked. */
  now(): GroupHistory {
    this.#now ??= this.#withNews();
    return this.#now;
  }

  #withNews(): GroupHistory {
    const [outs, news, input, end] = [this.#outs.copy(), new StepsOfItems(this.#only), this.#input, this.#end];
    hear(this.#news, outs, news);
    return {
      groupId: this.#groupId,
      input,
      startedAt: this.#start.at,
      items: itemNumbers(this.#groupId, input),
      closedAt: end?.at,
      taskFailure: this.#taskFailure,
      nextRunId: end?.type === 'continuedAsNew' ? end.runId : undefined,
      previousRunId: this.#start.previousRunId,
      hasLeft: (item) => this.#left.has(item),
      chunkOf: (item) => outs.chunkOf(item),
      fold: (item) => {
        const fold = this.#upToTask(item)?.copy();
        for (const step of news.of(item)) fold?.add(step);
        return fold?.now();
      },
    };
  }

  #upToTask(item: number): JobFold | undefined {
    const folded = this.#folds.get(item) ?? this.#begin(item);
    if (!folded) return undefined;
    for (const step of this.#steps.of(item, folded.own, folded.common)) folded.fold.add(step);
    folded.own = this.#steps.count(item);
    folded.common = this.#steps.count(EVERY_ITEM);
    return folded.fold;
  }

  #begin(item: number): ItemFold | undefined {
    if (this.#only !== undefined && item !== this.#only) return undefined;
    const { id, at } = this.#start;
    const job = readItem(this.#input, item, at);
    if (!job) return undefined;
    const fold = new JobFold(itemId(this.#groupId, item), { type: 'started', id, at, ...job });
    const begun: ItemFold = { fold, own: 0, common: 0 };
    this.#folds.set(item, begun);
    return begun;
  }
}

/**
 * In the order in which the workflow hears of what came in since its last task: first messages, then how chunks ended. A chunk that was
 * given up, and a late word of the worker that still had it, may come together: the workflow takes that word.
 */
function hear(news: readonly GroupStep[], outs: ChunksOut, steps: StepsOfItems): void {
  const [ends, others] = [news.filter(isEnd), news.filter((step) => !isEnd(step))];
  for (const step of [...others, ...ends]) for (const [item, itemStep] of outs.read(step)) steps.add(item, itemStep);
}

function isEnd({ type }: GroupStep): boolean {
  return type === 'chunkBack';
}

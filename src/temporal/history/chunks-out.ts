/** Which jobs each chunk has, as the history goes on: what comes back is for those alone. */
import { readChunkEnd, readProgressOfChunk } from '../../job/group/read-chunk-end.ts';
import type { UntimedJobEvent } from '../../job/job-events.ts';
import type { GroupStep } from './group-steps.ts';
import type { HistoryStep } from './history-steps.ts';
import { EVERY_ITEM, type Whose } from './steps-of-items.ts';

export class ChunksOut {
  readonly #items = new Map<string, Set<number>>();

  /** Goes on by itself, and leaves this one as it is. */
  copy(): ChunksOut {
    const copy = new ChunksOut();
    for (const [chunk, items] of this.#items) copy.#items.set(chunk, new Set(items));
    return copy;
  }

  /** Activity id of the chunk that has this job. */
  chunkOf(item: number): string | undefined {
    for (const [chunk, items] of this.#items) if (items.has(item)) return chunk;
    return undefined;
  }

  /** @returns the step as it is to each job that it is for */
  read(step: GroupStep): (readonly [Whose, HistoryStep])[] {
    const { id, at } = step;
    switch (step.type) {
      case 'groupStarted':
      case 'left':
        return [];
      case 'chunkOut':
        this.#items.set(step.chunk, new Set(step.items));
        return step.items.map((item) => [item, { id, at, type: 'acted', event: { type: 'attemptQueued' } }]);
      case 'chunkProgress':
        return this.#back(step, step.chunk, readProgressOfChunk(step.report));
      case 'chunkBack': {
        const steps = this.#back(step, step.chunk, readChunkEnd([...(this.#items.get(step.chunk) ?? [])], step.end));
        this.#items.delete(step.chunk);
        return steps;
      }
      case 'asked': {
        const type = step.by === 'update' ? 'actionAccepted' : 'signaled';
        return [[step.target, { id, at, type, action: step.action }]];
      }
      case 'cancelAsked':
        return [[EVERY_ITEM, { id, at, type: 'cameIn', event: step.event }]];
      default:
        return [[EVERY_ITEM, step]];
    }
  }

  #back(
    { id, at }: GroupStep,
    chunk: string,
    events: ReadonlyMap<number, UntimedJobEvent>,
  ): (readonly [number, HistoryStep])[] {
    const items = this.#items.get(chunk);
    const steps: [number, HistoryStep][] = [];
    for (const [item, event] of events) if (items?.delete(item)) steps.push([item, { id, at, type: 'cameIn', event }]);
    return steps;
  }
}

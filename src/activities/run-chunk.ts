/** The activity that runs a chunk of a group's jobs: heartbeats which are through, and tells its keeper which are not. */
import { Context } from '@temporalio/activity';
import type { ChunkInput, ChunkReport } from '../contract/chunks.ts';
import type { ActivityDependencies, Handlers } from './attempt.ts';
import { chunkLine } from './chunk-line.ts';
import { HEARTBEAT_EVERY_MS } from './run-attempt.ts';
import { RunningChunk } from './running-chunk.ts';
import { Slots } from './slots.ts';

/** Most chunks are through before they have anything to say. @format milliseconds */
const FIRST_HEARTBEAT_AFTER_MS = 100;

export function runChunk(handlers: Handlers, deps: ActivityDependencies) {
  return async (input: ChunkInput): Promise<ChunkReport> => {
    const context = Context.current();
    const { base64TaskToken } = context.info;
    const { observer } = deps;
    let willObserve: NodeJS.Immediate | undefined;
    const chunk = new RunningChunk(input, {
      handlers,
      deps,
      slots: deps.slots?.(input.queue) ?? new Slots(Number.POSITIVE_INFINITY),
      context,
      line: chunkLine(context),
      // A hundred jobs may end in one turn of the event loop, and the keeper wants to know how things stand.
      onChange: () =>
        (willObserve ??= setImmediate(() => {
          willObserve = undefined;
          observer?.progressed(base64TaskToken, chunk.report);
        })),
    });
    const heartbeat = (): void => context.heartbeat(chunk.report);
    const first = setTimeout(heartbeat, FIRST_HEARTBEAT_AFTER_MS);
    const beating = setInterval(heartbeat, HEARTBEAT_EVERY_MS);
    observer?.started(base64TaskToken, chunk.report);
    try {
      return await chunk.run();
    } finally {
      clearTimeout(first);
      clearInterval(beating);
      clearImmediate(willObserve);
      observer?.ended(base64TaskToken);
    }
  };
}

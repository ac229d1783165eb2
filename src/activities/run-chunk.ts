/** The activity that runs a chunk of a group's jobs, and heartbeats which are through. */
import { Context } from '@temporalio/activity';
import { needsNewer } from '../contract/format.ts';
import { failureOf, notReadableHere } from '../job/attempt-end.ts';
import type { ChunkInput, ChunkReport } from '../job/group/chunks.ts';
import { activityInHand, type ActivityDependencies } from './dependencies.ts';
import { groupChannel } from './group-channel.ts';
import { HEARTBEAT_EVERY_MS } from './run-attempt.ts';
import { RunningChunk } from './running-chunk.ts';
import { ServerClock } from './server-clock.ts';
import { Slots } from './slots.ts';

/** Most chunks are through before they have anything to say. @format milliseconds */
const FIRST_HEARTBEAT_AFTER_MS = 100;

export function runChunk(deps: ActivityDependencies) {
  const serverClock = deps.serverClock ?? new ServerClock();
  return async (input: ChunkInput): Promise<ChunkReport> => {
    const context = Context.current();
    if (needsNewer(input) || input.items.some((item) => needsNewer(item)))
      throw failureOf(notReadableHere(deps.worker));
    serverClock.hear(context.info.currentAttemptScheduledTimestampMs);
    const chunk = new RunningChunk(input, {
      deps,
      slots: deps.slots?.(input.queue) ?? new Slots(Number.POSITIVE_INFINITY),
      serverClock,
      context,
      line: groupChannel(context),
    });
    const heartbeat = (): void => context.heartbeat(chunk.report);
    const first = setTimeout(heartbeat, FIRST_HEARTBEAT_AFTER_MS);
    const beating = setInterval(heartbeat, HEARTBEAT_EVERY_MS);
    using _note = deps.note?.(activityInHand(context.info));
    try {
      return await chunk.run();
    } finally {
      clearTimeout(first);
      clearInterval(beating);
    }
  };
}

/** What the end of a chunk means to each of its jobs: read by the group's workflow and out of its history alike. */
import { attemptEndOf, endOfDone, type ChunkReport } from './chunks.ts';
import { asChunkReport } from './read-chunk-report.ts';
import { FAILURE } from '../../contract/failures.ts';
import type { AttemptEnd, UntimedJobEvent } from '../job-events.ts';
import type { AttemptReport } from '../job.ts';

type ItemEvent = Extract<UntimedJobEvent, { type: 'attemptEnded' | 'attemptReturned' }>;

/** News of a chunk that still runs: its own jobs only. */
export function readProgressOfChunk(report: ChunkReport): Map<number, ItemEvent> {
  const events = new Map<number, ItemEvent>();
  for (const item of report.returned) events.set(item, { type: 'attemptReturned' });
  for (const done of report.done) events.set(done[0], { type: 'attemptEnded', end: endOfDone(done, report) });
  for (const end of report.ended) events.set(end.item, { type: 'attemptEnded', end: attemptEndOf(end, report.worker) });
  return events;
}

/**
 * @param items those of which no news has come
 * @param end how the activity failed, or its result
 */
export function readChunkEnd(items: readonly number[], end: AttemptEnd | ChunkReport): Map<number, ItemEvent> {
  const report = 'as' in end ? asChunkReport(end.report) : end;
  const known = report ? readProgressOfChunk(report) : new Map<number, ItemEvent>();
  const begun = new Map(report?.begun.map(({ item, ...attempt }) => [item, attempt]));
  const events = new Map<number, ItemEvent>();
  for (const item of items) {
    const event = known.get(item) ?? fate(end, item, begun, report);
    events.set(item, event);
  }
  return events;
}

/** Of a job that the worker had no time to speak of. */
function fate(
  end: AttemptEnd | ChunkReport,
  item: number,
  begun: ReadonlyMap<number, Omit<ChunkReport['begun'][number], 'item'>>,
  report: ChunkReport | undefined,
): ItemEvent {
  // Done, as a chunk, with a job left out: a worker of another version. It runs again.
  if (!('as' in end) || end.as === 'done') return { type: 'attemptReturned' };
  const attempt = begun.get(item);
  if (end.as === 'returned') return { type: 'attemptReturned', ...(end.notHere && { notHere: end.notHere }) };
  if (attempt && report)
    return { type: 'attemptEnded', end: { ...end, report: { ...attempt, worker: report.worker } as AttemptReport } };
  // The activity itself is at fault, such as one that the worker does not know: so is every attempt in it.
  if (end.as === 'failed' && end.error.type !== FAILURE.attemptTimeout) return { type: 'attemptEnded', end };
  // The report is the whole chunk's, and says nothing of this job.
  if (end.as === 'crashed') {
    const { report: _chunks, ...death } = end;
    return { type: 'attemptReturned', death };
  }
  return { type: 'attemptReturned' };
}

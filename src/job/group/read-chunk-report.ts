/** What workers say of a chunk, as it came: in a heartbeat, a signal or a result. */
import { isTime } from '../../contract/iso-time.ts';
import { readBegun, readDone, readEnds, readNumbers } from '../read-report.ts';
import type { ChunkProgress, ChunkReport } from './chunks.ts';

/** What a worker of any version sent may lack anything, so look before believing it. What is not usable says nothing of its job. */
export function asChunkReport(report: unknown): ChunkReport | undefined {
  if (typeof report !== 'object' || report === null) return undefined;
  const { startedAt, worker, done, ended, begun, returned } = report as Partial<ChunkReport>;
  if (!isTime(startedAt) || typeof worker !== 'string') return undefined;
  return {
    startedAt,
    worker,
    done: readDone(done, startedAt),
    ended: readEnds(ended),
    begun: readBegun(begun),
    returned: readNumbers(returned),
  };
}

/** What a signal of a chunk brought, or `undefined` for another signal's. */
export function readChunkProgress(sentProgress: unknown): ChunkProgress | undefined {
  const { chunk, report: sent } = (sentProgress ?? {}) as Partial<ChunkProgress>;
  const report = asChunkReport(sent);
  return typeof chunk === 'string' && report ? { chunk, report } : undefined;
}

/** The result of the activity. One that says nothing sends every job out again. */
export function readChunkResult(result: unknown): ChunkReport {
  return asChunkReport(result) ?? { startedAt: 0, worker: 'unknown', done: [], ended: [], begun: [], returned: [] };
}

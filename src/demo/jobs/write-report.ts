/** Writes a CSV of made-up rows, one after the other, so that a crash at any row loses and repeats none. */
import { createHash } from 'node:crypto';
import { mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defineJob } from '../../kinds/define-job.ts';
import type { DemoWorld } from '../world.ts';

/** Rows whose bytes are on disk. */
interface Checkpoint {
  readonly rows: number;
  readonly bytes: number;
}

/** Shortest time between two checkpoints: each flushes the file. @format milliseconds */
const CHECKPOINT_EVERY_MS = 200;

/** Leaves room for a hash and the ending. @format characters */
const LONGEST_NAME = 180;

const HEADER = 'row,customer,amount\n';

export const writeReport = defineJob('WriteReport', {
  summary: 'Writes a CSV report row by row; goes on from its last checkpoint after a crash.',
  args: z.strictObject({
    rows: z.int().min(0).max(10_000_000).meta({ description: 'Rows to write.', example: 100 }),
    msPerRow: z.number().min(0).max(60_000).meta({ description: 'Time that each row takes, in milliseconds.' }),
    failFirst: z
      .boolean()
      .optional()
      .meta({ description: 'Whether the first attempt fails half-way, to show a retry.' }),
  }),
  travels: 'alone',
  timeoutMs: 24 * 60 * 60_000,
  async run({ rows, msPerRow, failFirst }, attempt, { reportsFolder: folder }: DemoWorld) {
    const name = fileName(attempt.jobId);
    await mkdir(folder, { recursive: true });
    const path = join(folder, name);
    const checkpoint = await usable(path, attempt.checkpoint as Checkpoint | undefined);
    await using file = await open(path, checkpoint ? 'r+' : 'w');
    let { rows: row, bytes } = await resume(file, checkpoint);
    let saved = Date.now();
    attempt.progress(row, rows, { rows: row, bytes });
    while (row < rows) {
      if (msPerRow > 0) await sleep(msPerRow, undefined, { signal: attempt.signal });
      attempt.signal.throwIfAborted();
      if (failFirst && attempt.number === 1 && row >= rows / 2)
        throw new Error(`made to fail at row ${row} of ${rows}`);
      row += 1;
      bytes += (await file.write(line(row), bytes)).bytesWritten;
      if (Date.now() - saved < CHECKPOINT_EVERY_MS && row < rows) continue;
      await file.datasync();
      saved = Date.now();
      attempt.progress(row, rows, { rows: row, bytes });
    }
    attempt.log.info({ event: 'job.succeeded', rows }, `report written: ${name}`);
    return { file: name, rows };
  },
});

/** File systems take names of 255 bytes, which a job's id alone may have, and three times that once it is encoded. */
function fileName(jobId: string): string {
  const name = encodeURIComponent(jobId);
  if (name.length <= LONGEST_NAME) return `${name}.csv`;
  return `${name.slice(0, LONGEST_NAME)}-${createHash('sha256').update(jobId).digest('hex')}.csv`;
}

/** A checkpoint is worth nothing without its bytes: the last attempt may have run on a machine whose disk is not here. */
async function usable(path: string, checkpoint: Checkpoint | undefined): Promise<Checkpoint | undefined> {
  const file = checkpoint && (await stat(path).catch(() => undefined));
  return file && file.size >= checkpoint.bytes ? checkpoint : undefined;
}

/** Cuts off what was written after the checkpoint, which the attempt is about to write again. */
async function resume(file: FileHandle, checkpoint: Checkpoint | undefined): Promise<Checkpoint> {
  if (!checkpoint) return { rows: 0, bytes: (await file.write(HEADER, 0)).bytesWritten };
  await file.truncate(checkpoint.bytes);
  return checkpoint;
}

/** The same row every time: made-up, but not random. */
function line(row: number): string {
  return `${row},customer-${(row * 7919) % 1_000},${((row * 104_729) % 100_000) / 100}\n`;
}

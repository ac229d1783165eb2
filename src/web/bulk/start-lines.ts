/** Starts the jobs of some lines together, and says of each line what became of it. */
import type { z } from 'zod';
import { BulkLineSchema } from '../../contract/schemas/job-request.ts';
import type { Jobs, JobToStart, StartedJob } from '../../temporal/jobs.ts';
import { invalidRequest } from '../api/field-errors.ts';
import { problemBody } from '../api/problem-response.ts';
import { ACCEPTED, ACCEPTED_BEFORE } from '../api/statuses.ts';
import { checkStart, type StartRules } from '../check-start.ts';
import { asProblem, Problem } from '../errors.ts';
import { startKeys } from '../../temporal/start/start-keys.ts';
import type { Line } from './read-lines.ts';

export interface LineAnswers {
  /** One line for each, in their order. */
  readonly text: string;
  readonly accepted: number;
  readonly repeated: number;
  readonly refused: number;
}

/** A job on its way, and its place among the lines. */
interface Asked {
  readonly place: number;
  /** The line's number. */
  readonly line: number;
  /** The key that its caller gave it. */
  readonly key: string | undefined;
  readonly job: JobToStart;
}

/** Never rejects. @param onFailure told of the first failure that somebody has to look into */
export async function startLines(
  { jobs, rules }: { readonly jobs: Pick<Jobs, 'startAll'>; readonly rules: StartRules },
  lines: readonly Line[],
  onFailure: (error: unknown, line: number) => void,
): Promise<LineAnswers> {
  const answers = Array.from({ length: lines.length }, () => '');
  const asked: Asked[] = [];
  for (const [place, line] of lines.entries()) {
    const said = readRequest(line);
    if (said instanceof Problem) {
      answers[place] = refusal(line.number, undefined, said);
      continue;
    }
    const { idempotencyKey, requestKey, firstSentAt, ...wanted } = said;
    const key = idempotencyKey ?? requestKey;
    const checking = checkStart(rules, wanted);
    const request = checking instanceof Promise ? await checking : checking;
    const keys = startKeys({ idempotencyKey, requestKey, firstSentAt });
    if (request instanceof Problem) answers[place] = refusal(line.number, key, request);
    else asked.push({ place, line: line.number, key, job: { request, keys } });
  }
  const outcomes = await startAll(jobs, asked);
  const counts = { accepted: 0, repeated: 0, refused: lines.length - asked.length };
  let failures = 0;
  for (const [index, { place, line, key }] of asked.entries()) {
    const outcome = outcomes[index];
    if (outcome?.status === 'fulfilled') {
      const { job, created } = outcome.value;
      counts[created ? 'accepted' : 'repeated'] += 1;
      const status = created ? ACCEPTED : ACCEPTED_BEFORE;
      answers[place] = JSON.stringify({ line, status, id: job.id, state: job.state });
      continue;
    }
    counts.refused += 1;
    const problem = asProblem(outcome?.reason);
    answers[place] = refusal(line, key, problem);
    if (problem.isFault && (failures += 1) === 1) onFailure(outcome?.reason, line);
  }
  return { text: `${answers.join('\n')}\n`, ...counts };
}

type BulkRequest = z.infer<typeof BulkLineSchema>;

function readRequest(line: Line): BulkRequest | Problem {
  if ('problem' in line) return line.problem;
  let json: unknown;
  try {
    json = JSON.parse(line.text);
  } catch {
    return new Problem('malformed-body', 'It is not JSON.');
  }
  const parsed = BulkLineSchema.safeParse(json);
  return parsed.success ? parsed.data : invalidRequest(parsed.error);
}

async function startAll(
  jobs: Pick<Jobs, 'startAll'>,
  asked: readonly Asked[],
): Promise<readonly PromiseSettledResult<StartedJob>[]> {
  if (asked.length === 0) return [];
  try {
    return await jobs.startAll(asked.map(({ job }) => job));
  } catch (reason) {
    return asked.map(() => ({ status: 'rejected', reason }));
  }
}

/** Names the line, and the job if it has a key, also to those who keep no more than the problem. */
export function refusal(line: number, key: string | undefined, problem: Problem): string {
  const { detail, ...body } = problemBody(problem);
  const subject = key === undefined ? `Line ${line}` : `Line ${line} (${key})`;
  return JSON.stringify({ line, status: problem.status, problem: { ...body, detail: `${subject}: ${detail}` } });
}

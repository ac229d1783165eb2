/** Holdfast as a program in any language has it: requests to a web server, over connections that stay open. */
import { once } from 'node:events';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { requestOf } from './in-process.ts';
import type { NumberedJob, Road } from './subject.ts';

/** Lines of a bulk request that are written at a time. */
const LINES_AT_ONCE = 1_000;

export function overHttp(url: string): Road & Disposable {
  const agent = new Agent({ keepAlive: true });
  const post = (path: string, type: string): ClientRequest =>
    request(new URL(path, url), { method: 'POST', agent, headers: { 'content-type': type } });
  return {
    async start(job) {
      const asked = post('/api/jobs', 'application/json');
      asked.end(JSON.stringify(requestOf(job)));
      await answerTo(asked);
    },
    async startAll(jobs) {
      const asked = post('/api/jobs/bulk', 'application/x-ndjson');
      const answer = answerTo(asked);
      await Promise.all([answer, pipeline(Readable.from(linesOf(jobs)), asked)]);
      checkLines(await answer, jobs.length);
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

async function answerTo(asked: ClientRequest): Promise<string> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const said = await text(answer);
  const { statusCode = 0 } = answer;
  if (statusCode < 200 || statusCode > 299) throw new Error(`POST ${asked.path} was answered ${statusCode}: ${said}`);
  return said;
}

function* linesOf(jobs: readonly NumberedJob[]): Generator<string> {
  for (let from = 0; from < jobs.length; from += LINES_AT_ONCE) {
    const some = jobs.slice(from, from + LINES_AT_ONCE);
    yield some.map((job) => `${JSON.stringify(requestOf(job))}\n`).join('');
  }
}

function checkLines(said: string, jobs: number): void {
  const lines = said.split('\n').filter(Boolean);
  const failed = lines.find((line) => (JSON.parse(line) as { status: number }).status >= 300);
  if (failed !== undefined || lines.length !== jobs)
    throw new Error(`${lines.length} results for ${jobs} jobs in bulk, one of them: ${failed ?? lines[0]}`);
}

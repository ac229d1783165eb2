/** The API of a running stack, for tests that need a job in a certain state. */
import type { JobView } from '../../src/job/job.ts';
import type { JobState } from '../../src/job/job-states.ts';
import { until } from './until.ts';

export interface ApiClient {
  start(kind: string, args: object, options?: object): Promise<JobView>;
  /** Of one kind, in one request. @returns their ids */
  startMany(kind: string, all: readonly object[], options?: object): Promise<string[]>;
  read(id: string): Promise<JobView>;
  /** `pause`, `run-now`, … */
  act(id: string, slug: string): Promise<JobView>;
  reaches(id: string, state: JobState): Promise<JobView>;
}

export function apiClient(url: string): ApiClient {
  const read = (id: string): Promise<JobView> => ask(`${url}/api/jobs/${encodeURIComponent(id)}`);
  return {
    read,
    start: (kind, args, options = {}) => ask(`${url}/api/jobs`, { kind, args, ...options }),
    async startMany(kind, all, options = {}) {
      const body = all.map((args) => JSON.stringify({ kind, args, ...options })).join('\n');
      const headers = { 'content-type': 'application/x-ndjson' };
      const response = await fetch(`${url}/api/jobs/bulk`, { method: 'POST', body, headers });
      const lines = (await response.text()).trim().split('\n');
      return lines.map((line) => (JSON.parse(line) as { id?: string }).id ?? line);
    },
    act: (id, slug) => ask(`${url}/api/jobs/${encodeURIComponent(id)}/${slug}`, {}),
    async reaches(id, state) {
      await until(`${id} is ${state}`, async () => (await read(id)).state === state, 30_000);
      return read(id);
    },
  };
}

async function ask(url: string, body?: object): Promise<JobView> {
  const init = body && { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as JobView;
}

/** The API of a running stack, for tests that need a job in a certain state. */
import type { JobView } from '../../src/contract/job.ts';
import type { JobState } from '../../src/contract/job-states.ts';
import { until } from './until.ts';

export interface ApiClient {
  start(kind: string, args: object, options?: object): Promise<JobView>;
  read(id: string): Promise<JobView>;
  /** `pause`, `run-now`, … */
  move(id: string, slug: string): Promise<JobView>;
  reaches(id: string, state: JobState): Promise<JobView>;
}

export function apiClient(url: string): ApiClient {
  const read = (id: string): Promise<JobView> => ask(`${url}/api/jobs/${encodeURIComponent(id)}`);
  return {
    read,
    start: (kind, args, options = {}) => ask(`${url}/api/jobs`, { kind, args, ...options }),
    move: (id, slug) => ask(`${url}/api/jobs/${encodeURIComponent(id)}/${slug}`, {}),
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

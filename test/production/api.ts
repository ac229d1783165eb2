/** The HTTP API as a program outside uses it. */
import type { JobView } from '../../src/job/job.ts';
import { eventually } from './check.ts';

export class Api {
  readonly #url: string;
  readonly #authorization: string;

  constructor(url: string, password: string) {
    this.#url = url;
    this.#authorization = `Basic ${btoa(`holdfast:${password}`)}`;
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: this.#authorization, 'content-type': 'application/json' };
    return fetch(this.#url + path, { headers, signal: AbortSignal.timeout(5_000), ...init });
  }

  /** @returns the acknowledged job's id */
  async startJob(request: Readonly<Record<string, unknown>>): Promise<string> {
    const response = await this.request('/api/jobs', { method: 'POST', body: JSON.stringify(request) });
    expect(response.status === 202, `POST /api/jobs answered ${response.status}: ${await response.clone().text()}`);
    return ((await response.json()) as JobView).id;
  }

  async job(id: string): Promise<JobView> {
    const response = await this.request(`/api/jobs/${encodeURIComponent(id)}`);
    expect(response.status === 200, `GET /api/jobs/${id} answered ${response.status}`);
    return (await response.json()) as JobView;
  }

  async until(id: string, state: JobView['state'], withinMs: number): Promise<JobView> {
    return eventually(withinMs, async () => {
      const job = await this.job(id);
      expect(job.state === state, `job ${id} is ${job.state}, not ${state}: ${JSON.stringify(job)}`);
      return job;
    });
  }
}

export function expect(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise);
}

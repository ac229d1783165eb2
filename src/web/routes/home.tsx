/** The first page: the newest jobs, and with the demo `/?name=foo`, which starts one. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { checkRequestOf } from '../../kinds/check-request.ts';
import type { AnyJob } from '../../kinds/job-definition.ts';
import { mayPass } from '../../temporal/errors.ts';
import type { Jobs } from '../../temporal/jobs.ts';
import type { Site } from '../components/layout.tsx';
import { HomePage, JobsPage } from '../pages/home.tsx';
import { jobPath } from '../paths.ts';
import { sharedRead } from '../shared-read.ts';
import { jobRowModel, type JobRowModel } from '../models/job-model.ts';

/** Time to kill something before the job runs. @format milliseconds */
const DELAY_MS = 10_000;
const LATEST = 20;

/** The newest jobs. */
type List = () => ReturnType<Jobs['latest']>;

interface HomeDependencies {
  readonly jobs: Jobs;
  readonly demo: AnyJob | undefined;
  readonly site: Site;
}

export function homeRoutes(app: OpenAPIHono, { jobs, demo, site }: HomeDependencies): void {
  const list = sharedRead(async () => jobs.latest(LATEST));
  app.get('/', async (c) => {
    const name = c.req.query('name');
    if (!demo) return c.html(<JobsPage site={site} jobs={await rows(list)} />);
    if (name === undefined || !startsJobs(c)) return c.html(<HomePage site={site} jobs={await rows(list)} />);
    if (isPrefetch(c)) return c.body(null, 503, { 'Cache-Control': 'no-store' });
    return start(c, { jobs, demo, list, site }, name);
  });
}

interface StartDependencies {
  readonly jobs: Jobs;
  readonly demo: AnyJob;
  readonly list: List;
  readonly site: Site;
}

async function start(c: Context, { jobs, demo, list, site }: StartDependencies, name: string): Promise<Response> {
  const checked = await checkRequestOf(demo, { kind: demo.kind, args: { name: name.trim() }, delayMs: DELAY_MS });
  if ('issues' in checked) {
    const nameError = `A name ${checked.issues.map(({ message }) => message).join(', and ')}.`;
    return c.html(<HomePage site={site} jobs={await rows(list)} name={name} nameError={nameError} />, 422);
  }
  try {
    const { job } = await jobs.start(checked.request);
    return c.redirect(jobPath(job.id), 303);
  } catch (error) {
    if (!mayPass(error)) throw error;
    const alert = {
      title: 'Your job was not accepted',
      text: 'Temporal does not answer as it should, so nobody promised anything. Should the job turn up in the list all the same, it was started.',
    };
    return c.html(<HomePage site={site} jobs={undefined} name={name} alert={alert} />, 503, { 'Retry-After': '2' });
  }
}

/** A person who visits the page. HEAD, pictures, frames and scripts that name the same address mean no job. */
function startsJobs(c: Context): boolean {
  const destination = c.req.header('sec-fetch-dest');
  return c.req.method === 'GET' && (destination === undefined || destination === 'document');
}

/** The browser guesses that somebody may visit. Refused, it asks again when somebody does. */
function isPrefetch(c: Context): boolean {
  const purposes = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map((header) => c.req.header(header) ?? '');
  return purposes.some((purpose) => /prefetch|prerender|preview/i.test(purpose));
}

async function rows(list: List): Promise<JobRowModel[] | undefined> {
  try {
    return (await list()).map((item) => jobRowModel(item));
  } catch (error) {
    if (mayPass(error)) return undefined;
    throw error;
  }
}

import type { Programs } from '../../config/programs.ts';
import { CopyableCommand } from '../components/copyable-command.tsx';
import { JobList } from '../components/job-list.tsx';
import { Layout, type Site } from '../components/layout.tsx';
import { NoticeBox } from '../components/notice.tsx';
import type { JobRowModel } from '../models/job-model.ts';

interface HomePageProps {
  readonly site: Site;
  /** `undefined` when Temporal does not answer. */
  readonly jobs: readonly JobRowModel[] | undefined;
  readonly name?: string | undefined;
  readonly nameError?: string | undefined;
  readonly alert?: { readonly title: string; readonly text: string } | undefined;
}

const KILLS = [
  { target: 'worker', what: 'the worker and its runners' },
  { target: 'web', what: 'this web server' },
  { target: 'temporal', what: 'Temporal, where jobs are kept' },
  { target: 'all', what: 'everything at once' },
] as const;

/** The demo's. */
export function HomePage({ site, jobs, name, nameError, alert }: HomePageProps) {
  return (
    <Layout site={site} title="Jobs that hold">
      {alert === undefined ? null : (
        <NoticeBox tone="error" title={alert.title} alert>
          {alert.text}
        </NoticeBox>
      )}
      <div class="hero">
        <div class="hero-text">
          <h1>
            Start a job. <br />
            Then pull the plug.
          </h1>
          <p class="lead">
            Your job says hello in ten seconds. Whatever you kill until then, it still does, as soon as the pieces are
            back.
          </p>
          <StartForm name={name} error={nameError} />
        </div>
        <section class="card kills" aria-labelledby="kills-title">
          <h2 id="kills-title">Ways to kill it</h2>
          <p>
            In a terminal, while a job waits or runs. Each is a <code>SIGKILL</code>: nothing gets to say goodbye.
          </p>
          <ul>
            {KILLS.map(({ target, what }) => (
              <li>
                <CopyableCommand command={`${site.programs.rip} ${target}`} />
                <span class="quiet">{what}</span>
              </li>
            ))}
          </ul>
          <p>
            <code>{site.programs.dev}</code> starts again what died. Without it, <code>{site.programs.work}</code>{' '}
            brings workers back.
          </p>
        </section>
      </div>
      <section aria-labelledby="latest-title">
        <h2 id="latest-title">Latest jobs</h2>
        <LatestJobs jobs={jobs} programs={site.programs} />
      </section>
    </Layout>
  );
}

/** The first page of a service with jobs of its own. */
export function JobsPage({ site, jobs }: Pick<HomePageProps, 'site' | 'jobs'>) {
  return (
    <Layout site={site} title="Jobs">
      <h1>Latest jobs</h1>
      <LatestJobs jobs={jobs} programs={site.programs} />
    </Layout>
  );
}

function StartForm({ name, error }: { readonly name?: string | undefined; readonly error?: string | undefined }) {
  return (
    <form class="start" method="get" action="/">
      <label for="name">Your name</label>
      <div class="action-row">
        <input
          id="name"
          name="name"
          value={name ?? ''}
          required
          maxlength={200}
          autocomplete="given-name"
          aria-invalid={error === undefined ? undefined : 'true'}
          aria-describedby={error === undefined ? undefined : 'name-error'}
        />
        <button class="button primary">Say hello in 10 seconds</button>
      </div>
      {error === undefined ? null : (
        <p class="field-error" id="name-error">
          {error}
        </p>
      )}
    </form>
  );
}

interface LatestJobsProps {
  readonly jobs: readonly JobRowModel[] | undefined;
  readonly programs: Programs;
}

function LatestJobs({ jobs, programs }: LatestJobsProps) {
  if (jobs === undefined)
    return (
      <NoticeBox tone="warning" title="Temporal does not answer" command={programs.dev}>
        Jobs are safe on its disk and go on when it is back. Where nothing restarts it, start everything with:
      </NoticeBox>
    );
  if (jobs.length === 0) return <p class="empty">No jobs yet. The first one that is enqueued shows here.</p>;
  return <JobList jobs={jobs} />;
}

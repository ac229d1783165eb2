import { AttemptTimeline } from '../components/attempt-timeline.tsx';
import { JobElsewhere, JobFacts } from '../components/job-facts.tsx';
import { JobMoves, type RefusedTime } from '../components/job-moves.tsx';
import { JobState } from '../components/job-state.tsx';
import { Layout, type Site } from '../components/layout.tsx';
import { NoticeBox } from '../components/notice.tsx';
import { Time } from '../components/time.tsx';
import type { JobModel } from '../view-models.ts';

interface JobPageProps {
  readonly site: Site;
  readonly job: JobModel;
  /** What became of the move that led here, if it came to nothing. */
  readonly alert?: { readonly title: string; readonly text: string } | undefined;
  readonly refused?: RefusedTime | undefined;
  /** Whether the page reloads itself where no script runs. */
  readonly refresh: boolean;
}

/** Short enough to see a job run; a page that is being read or filled in can be told to hold still. @format seconds */
const REFRESH_EVERY_S = 2;

export function JobPage({ site, job, alert, refused, refresh }: JobPageProps) {
  const reloads = refresh && !job.ended;
  return (
    <Layout site={site} title={titleOf(job)} head={reloads ? <RefreshWithoutScript /> : null}>
      <nav aria-label="Breadcrumb" class="breadcrumb">
        <a href="/">Jobs</a> <span aria-hidden="true">/</span> <span class="id">{job.id}</span>
      </nav>
      <div class="page-title">
        <h1>{job.kind}</h1>
        <p id="connection" role="status" class="connection" data-connection="none"></p>
      </div>
      {alert === undefined ? null : (
        <NoticeBox tone="error" title={alert.title} alert>
          {alert.text}
        </NoticeBox>
      )}
      {reloads ? (
        <noscript>
          <p class="quiet">
            This page reloads every {REFRESH_EVERY_S} seconds. <a href={`${job.path}?refresh=off`}>Hold it still</a> to
            fill in a form.
          </p>
        </noscript>
      ) : null}
      <div id="live" data-events={job.ended ? undefined : `${job.path}/events`}>
        <JobLive job={job} refused={refused} />
      </div>
    </Layout>
  );
}

/** All that changes while the job does. Sent whole with every change, and morphed into the page. */
export function JobLive({ job, refused }: { readonly job: JobModel; readonly refused?: RefusedTime | undefined }) {
  return (
    <div class="job" data-title={`${titleOf(job)} · Holdfast`}>
      <div class="job-main">
        <div class="notices" role="status">
          {job.notices.map(({ tone, title, text, moments = [], command }) => (
            <NoticeBox tone={tone} title={title} command={command}>
              {text}
              {moments.map(({ label, at }, index) => (
                <>
                  {index === 0 ? '' : ', '}
                  {label} <Time at={at} />
                </>
              ))}
            </NoticeBox>
          ))}
        </div>
        <JobState job={job} />
        <section class="card" aria-labelledby="attempts-title">
          <h2 id="attempts-title">Attempts</h2>
          {job.attempts.length === 0 ? <p class="quiet">None yet.</p> : <AttemptTimeline attempts={job.attempts} />}
        </section>
        <JobElsewhere job={job} />
      </div>
      <div class="job-side">
        {job.moves.length === 0 ? null : <JobMoves job={job} refused={refused} />}
        <JobFacts job={job} />
      </div>
    </div>
  );
}

function RefreshWithoutScript() {
  return (
    <noscript>
      <meta http-equiv="refresh" content={String(REFRESH_EVERY_S)} />
    </noscript>
  );
}

function titleOf(job: JobModel): string {
  return `${job.state}: ${job.kind}`;
}

import { ActionsTaken } from '../components/actions-taken.tsx';
import { AttemptTimeline } from '../components/attempt-timeline.tsx';
import { TemporalLinks } from '../components/temporal-links.tsx';
import { JobFacts } from '../components/job-facts.tsx';
import { JobActions } from '../components/job-actions.tsx';
import { JobState } from '../components/job-state.tsx';
import { Layout, type Site } from '../components/layout.tsx';
import type { RefusedTime } from '../components/action-forms.tsx';
import { NoticeBox } from '../components/notice.tsx';
import { Notices } from '../components/notices.tsx';
import { HoldStill, RefreshWithoutScript } from '../components/reloading.tsx';
import type { JobModel } from '../models/job-model.ts';

interface JobPageProps {
  readonly site: Site;
  readonly job: JobModel;
  /** What became of the action that led here, if it came to nothing. */
  readonly alert?: { readonly title: string; readonly text: string } | undefined;
  readonly refused?: RefusedTime | undefined;
  /** Whether the page reloads itself where no script runs. */
  readonly refresh: boolean;
}

export function JobPage({ site, job, alert, refused, refresh }: JobPageProps) {
  const reloads = refresh && !job.ended;
  return (
    <Layout site={site} title={titleOf(job)} head={reloads ? <RefreshWithoutScript /> : null}>
      <nav aria-label="Breadcrumb" class="breadcrumb">
        <a href="/">Jobs</a> <span aria-hidden="true">/</span>{' '}
        {job.group === undefined ? null : (
          <>
            <a href={job.group.path}>Group</a> <span aria-hidden="true">/</span>{' '}
          </>
        )}
        <span class="id">{job.id}</span>
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
      {reloads ? <HoldStill path={`${job.path}?refresh=off`} /> : null}
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
        <Notices notices={job.notices} />
        <JobState job={job} />
        <section class="card" aria-labelledby="attempts-title">
          <h2 id="attempts-title">Attempts</h2>
          {job.attempts.length === 0 ? <p class="quiet">None yet.</p> : <AttemptTimeline attempts={job.attempts} />}
        </section>
        <ActionsTaken actions={job.actionsTaken} />
        <TemporalLinks temporalUrl={job.temporalUrl} commands={job.commands} />
      </div>
      <div class="job-side">
        {job.actions.length === 0 ? null : <JobActions job={job} refused={refused} />}
        <JobFacts job={job} />
      </div>
    </div>
  );
}

function titleOf(job: JobModel): string {
  return `${job.state}: ${job.kind}`;
}

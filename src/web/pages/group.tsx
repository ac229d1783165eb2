import { TemporalLinks } from '../components/temporal-links.tsx';
import { GroupJobs } from '../components/group-jobs.tsx';
import { GroupActions } from '../components/group-actions.tsx';
import { GroupStates } from '../components/group-states.tsx';
import { Layout, type Site } from '../components/layout.tsx';
import type { RefusedTime } from '../components/action-forms.tsx';
import { NoticeBox } from '../components/notice.tsx';
import { Notices } from '../components/notices.tsx';
import { HoldStill, RefreshWithoutScript } from '../components/reloading.tsx';
import { Time } from '../components/time.tsx';
import type { GroupModel } from '../models/group-model.ts';

interface GroupPageProps {
  readonly site: Site;
  readonly group: GroupModel;
  /** What became of the action that led here, if it came to nothing. */
  readonly alert?: { readonly title: string; readonly text: string } | undefined;
  readonly refused?: RefusedTime | undefined;
  /** Whether the page keeps itself true: by a script, or where none runs by reloading itself. */
  readonly refresh: { readonly byScript: boolean; readonly byReloading: boolean };
}

export function GroupPage({ site, group, alert, refused, refresh }: GroupPageProps) {
  const reloads = refresh.byReloading && !group.ended;
  return (
    <Layout site={site} title={`${group.title}: ${group.endedOfAll}`} head={reloads ? <RefreshWithoutScript /> : null}>
      <nav aria-label="Breadcrumb" class="breadcrumb">
        <a href="/">Jobs</a> <span aria-hidden="true">/</span> <span class="id">{group.id}</span>
      </nav>
      <div class="page-title">
        <h1>{group.title}</h1>
        <p id="connection" role="status" class="connection" data-connection="none"></p>
      </div>
      {alert === undefined ? null : (
        <NoticeBox tone="error" title={alert.title} alert>
          {alert.text}
        </NoticeBox>
      )}
      {reloads ? <HoldStill path={pathOf(group, 'refresh=off')} /> : null}
      <div id="live" data-refresh={refresh.byScript && !group.ended ? pathOf(group) : undefined}>
        <GroupLive group={group} refused={refused} />
      </div>
    </Layout>
  );
}

function GroupLive({ group, refused }: { readonly group: GroupModel; readonly refused?: RefusedTime | undefined }) {
  return (
    <div class="group" data-title={`${group.title}: ${group.endedOfAll} · Holdfast`}>
      <div class="job">
        <div class="job-main">
          <Notices notices={group.notices} />
          <GroupStates group={group} />
          <TemporalLinks temporalUrl={group.temporalUrl} commands={group.commands} />
        </div>
        <div class="job-side">
          {group.actions.length === 0 ? null : <GroupActions group={group} refused={refused} />}
          <GroupFacts group={group} />
        </div>
      </div>
      <section id="jobs" aria-labelledby="jobs-title">
        <h2 id="jobs-title">{group.only === undefined ? 'Its jobs' : `Its jobs that are ${group.only}`}</h2>
        <GroupJobs jobs={group.jobs} />
      </section>
    </div>
  );
}

function GroupFacts({ group }: { readonly group: GroupModel }) {
  return (
    <section class="card" aria-labelledby="facts-title">
      <h2 id="facts-title">Facts</h2>
      <p class="quiet">
        Jobs that were accepted at the same moment share a workflow. One that fails or is edited leaves it and goes on
        by itself, under the same id.
      </p>
      <dl class="facts">
        <div>
          <dt>Queue</dt>
          <dd>{group.queue}</dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <Time at={group.createdAt} />
          </dd>
        </div>
        {group.endedAt === null ? null : (
          <div>
            <dt>Ended</dt>
            <dd>
              <Time at={group.endedAt} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function pathOf({ path, only }: GroupModel, ...rest: readonly string[]): string {
  const query = [...(only === undefined ? [] : [`state=${only}`]), ...rest].join('&');
  return query === '' ? path : `${path}?${query}`;
}

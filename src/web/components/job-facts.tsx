import type { JobModel } from '../models/job-model.ts';
import { Time } from './time.tsx';

export function JobFacts({ job }: { readonly job: JobModel }) {
  return (
    <section class="card" aria-labelledby="facts-title">
      <h2 id="facts-title">Facts</h2>
      <dl class="facts">
        {job.args.map(({ name, value }) => (
          <div>
            <dt>{name}</dt>
            <dd class="value">{value}</dd>
          </div>
        ))}
        <div>
          <dt>Queue</dt>
          <dd>{job.queue}</dd>
        </div>
        {job.group === undefined ? null : (
          <div>
            <dt>Group</dt>
            <dd>
              <a href={job.group.path}>{job.group.id}</a>
            </dd>
          </div>
        )}
        <div>
          <dt>Attempts</dt>
          <dd>{job.attemptsSpent}</dd>
        </div>
        <div>
          <dt>Crashes</dt>
          <dd>{job.crashes}</dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <Time at={job.createdAt} />
          </dd>
        </div>
        <div>
          <dt>Due</dt>
          <dd>
            <Time at={job.dueAt} />
          </dd>
        </div>
        {job.endedAt === null ? null : (
          <div>
            <dt>Ended</dt>
            <dd>
              <Time at={job.endedAt} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

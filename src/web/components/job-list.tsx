import type { JobRowModel } from '../models/job-model.ts';
import { StateBadge } from './state-badge.tsx';
import { Time } from './time.tsx';

/** A table for the eye and for screen readers; on a phone each row stacks. */
export function JobList({ jobs }: { readonly jobs: readonly JobRowModel[] }) {
  return (
    <table class="jobs">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Job</th>
          <th scope="col">Kind</th>
          <th scope="col">Queue</th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr>
            <td>
              <StateBadge state={job.state} />
              {job.cannotGoOn ? <span class="badge badge-alarm">cannot go on</span> : null}
            </td>
            <td class="jobs-id">
              {job.groupId === undefined ? (
                <a href={job.path}>{job.name}</a>
              ) : (
                <>
                  <a href={job.path} class="jobs-group">
                    {job.name}
                  </a>
                  <span class="jobs-group-id">{job.groupId}</span>
                </>
              )}
            </td>
            <td class="jobs-kind">{job.kind}</td>
            <td class="jobs-queue">{job.queue}</td>
            <td class="jobs-time">
              {job.time.label} <Time at={job.time.at} show="relative" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

import type { GroupJobModel } from '../models/group-model.ts';
import { StateBadge } from './state-badge.tsx';
import { Time } from './time.tsx';

/** A group has 500 jobs at most, so they fit on one page. */
export function GroupJobs({ jobs }: { readonly jobs: readonly GroupJobModel[] }) {
  return (
    <table class="jobs group-jobs">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Job</th>
          <th scope="col">Kind</th>
          <th scope="col">Attempts</th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map(({ id, number, path, kind, state, attempts, time }) => (
          <tr id={`job-${number}`}>
            <td>
              <StateBadge state={state} />
            </td>
            <td class="jobs-id">
              <a href={path} title={id}>
                Job {number}
              </a>
            </td>
            <td class="jobs-kind">{kind}</td>
            <td class="jobs-queue">{attempts} attempts</td>
            <td class="jobs-time">
              {time.label} <Time at={time.at} show="relative" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

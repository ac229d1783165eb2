import type { GroupModel } from '../models/group-model.ts';
import { StateBadge } from './state-badge.tsx';

/**
 * How many of a group's jobs are in which state: a bar for the eye, a list in words for everybody. The bar is a picture, since the
 * pages allow no inline styles that could give its parts their widths.
 */
export function GroupStates({ group }: { readonly group: GroupModel }) {
  const { states, only, path, endedOfAll } = group;
  return (
    <section class="card" aria-labelledby="states-title">
      <div class="group-states-title">
        <h2 id="states-title">States</h2>
        <p class="quiet" role="status">
          {endedOfAll}
        </p>
      </div>
      <svg class="group-bar" viewBox="0 0 1000 40" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        {states.map(({ state, from, width }) => (
          <rect data-state={state} x={from} y="0" width={width} height="40" />
        ))}
      </svg>
      <ul class="group-states">
        {states.map(({ state, count, path: pathOfState }) => (
          <li>
            <a href={pathOfState} aria-current={state === only ? 'true' : undefined}>
              <StateBadge state={state} /> {count}
            </a>
          </li>
        ))}
        {only === undefined ? null : (
          <li>
            <a href={`${path}#jobs`}>Show all</a>
          </li>
        )}
      </ul>
    </section>
  );
}

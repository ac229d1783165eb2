import { ACTIONS } from '../../job/actions.ts';
import type { ActionTaken } from '../../job/job.ts';
import { Time } from './time.tsx';

/** What people have made of a job, and who. */
export function ActionsTaken({ actions }: { readonly actions: readonly ActionTaken[] }) {
  if (actions.length === 0) return null;
  return (
    <section class="card" aria-labelledby="actions-taken-title">
      <h2 id="actions-taken-title">Actions</h2>
      <ul class="actions-taken">
        {actions.map(({ action, at, by }) => (
          <li>
            <strong>{ACTIONS[action].label}</strong> <Time at={at} />
            <span class="quiet">{by === null ? 'by Temporal’s own tools' : `by ${by}`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

import { ACTION_NAMES, ACTIONS, endsJob, isButton, type ActionName } from '../../job/actions.ts';
import type { JobModel } from '../models/job-model.ts';
import { FinalActions, ActionButton, RescheduleForm, type RefusedTime } from './action-forms.tsx';

interface JobActionsProps {
  readonly job: JobModel;
  readonly refused?: RefusedTime | undefined;
}

export function JobActions({ job, refused }: JobActionsProps) {
  const has = (action: ActionName): boolean => job.actions.includes(action);
  const simple = ACTION_NAMES.filter(has).filter(isButton);
  const final = ACTION_NAMES.filter(has).filter(endsJob);
  return (
    <section class="card actions" id="actions" aria-labelledby="actions-title">
      <h2 id="actions-title">What you can do</h2>
      {simple.length === 0 ? null : (
        <div class="action-row">
          {simple.map((action) => (
            <ActionButton
              target={job}
              action={action}
              summary={ACTIONS[action].summary}
              look={ADVISED.has(action) ? 'primary' : 'plain'}
            />
          ))}
        </div>
      )}
      {has('reschedule') ? <RescheduleForm target={job} label="Due at" refused={refused} postpones /> : null}
      <FinalActions
        target={job}
        title="End this job"
        actions={final.map((action) => ({ action, summary: ACTIONS[action].summary }))}
      />
    </section>
  );
}

/** What a job that stands still needs to go on. */
const ADVISED: ReadonlySet<ActionName> = new Set(['retry', 'resume']);

import type { GroupModel } from '../models/group-model.ts';
import { ACTIONS, endsJob, GROUP_ACTION_NAMES, isButton } from '../../job/actions.ts';
import { FinalActions, ActionButton, RescheduleForm, type RefusedTime } from './action-forms.tsx';

interface GroupActionsProps {
  readonly group: GroupModel;
  readonly refused?: RefusedTime | undefined;
}

/** No postponing: its jobs may be due at different times, which one time for all would wipe out. */
export function GroupActions({ group, refused }: GroupActionsProps) {
  const has = (action: GroupModel['actions'][number]): boolean => group.actions.includes(action);
  const simple = GROUP_ACTION_NAMES.filter(has).filter(isButton);
  const final = GROUP_ACTION_NAMES.filter(has).filter(endsJob);
  return (
    <section class="card actions" id="actions" aria-labelledby="actions-title">
      <h2 id="actions-title">What you can do</h2>
      <p class="quiet">Of every job that is still in the group, as far as its state allows.</p>
      {simple.length === 0 ? null : (
        <div class="action-row">
          {simple.map((action) => (
            <ActionButton target={group} action={action} summary={ACTIONS[action].ofGroup} look="plain" />
          ))}
        </div>
      )}
      {has('reschedule') ? (
        <RescheduleForm target={group} label="All due at" refused={refused} postpones={false} />
      ) : null}
      <FinalActions
        target={group}
        title="End these jobs"
        actions={final.map((action) => ({ action, summary: ACTIONS[action].ofGroup }))}
      />
    </section>
  );
}

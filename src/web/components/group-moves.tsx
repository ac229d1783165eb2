import type { GroupModel } from '../group-model.ts';
import { GROUP_MOVES } from '../moves.ts';
import { FinalMoves, MoveButton, RescheduleForm, type RefusedTime } from './move-forms.tsx';

interface GroupMovesProps {
  readonly group: GroupModel;
  readonly refused?: RefusedTime | undefined;
}

/** No postponing: its jobs may be due at different times, which one time for all would wipe out. */
export function GroupMoves({ group, refused }: GroupMovesProps) {
  const has = (move: GroupModel['moves'][number]): boolean => group.moves.includes(move);
  const simple = (['runNow', 'pause', 'resume'] as const).filter(has);
  const final = (['discard', 'cancel'] as const).filter(has);
  return (
    <section class="card moves" id="moves" aria-labelledby="moves-title">
      <h2 id="moves-title">What you can do</h2>
      <p class="quiet">Of every job that is still in the group, as far as its state allows.</p>
      {simple.length === 0 ? null : (
        <div class="move-row">
          {simple.map((move) => (
            <MoveButton target={group} move={move} summary={GROUP_MOVES[move]} look="plain" />
          ))}
        </div>
      )}
      {has('reschedule') ? (
        <RescheduleForm target={group} label="All due at" refused={refused} postpones={false} />
      ) : null}
      <FinalMoves
        target={group}
        title="End these jobs"
        moves={final.map((move) => ({ move, summary: GROUP_MOVES[move] }))}
      />
    </section>
  );
}

import type { MoveName } from '../../contract/job-states.ts';
import { MOVES } from '../moves.ts';
import type { JobModel } from '../view-models.ts';
import { FinalMoves, MoveButton, RescheduleForm, type RefusedTime } from './move-forms.tsx';

interface JobMovesProps {
  readonly job: JobModel;
  readonly refused?: RefusedTime | undefined;
}

export function JobMoves({ job, refused }: JobMovesProps) {
  const has = (move: MoveName): boolean => job.moves.includes(move);
  const simple = (['runNow', 'retry', 'pause', 'resume'] as const).filter(has);
  const final = (['discard', 'cancel'] as const).filter(has);
  return (
    <section class="card moves" id="moves" aria-labelledby="moves-title">
      <h2 id="moves-title">What you can do</h2>
      {simple.length === 0 ? null : (
        <div class="move-row">
          {simple.map((move) => (
            <MoveButton
              target={job}
              move={move}
              summary={MOVES[move].summary}
              look={ADVISED.has(move) ? 'primary' : 'plain'}
            />
          ))}
        </div>
      )}
      {has('reschedule') ? <RescheduleForm target={job} label="Due at" refused={refused} postpones /> : null}
      <FinalMoves
        target={job}
        title="End this job"
        moves={final.map((move) => ({ move, summary: MOVES[move].summary }))}
      />
    </section>
  );
}

/** What a job that stands still needs to go on. */
const ADVISED: ReadonlySet<MoveName> = new Set(['retry', 'resume']);

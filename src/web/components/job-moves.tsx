import type { MoveName } from '../../contract/job-states.ts';
import { MOVES } from '../moves.ts';
import type { JobModel } from '../view-models.ts';

/** What the reader typed, when it could not be used. */
export interface RefusedTime {
  readonly typed: string;
  readonly detail: string;
}

interface JobMovesProps {
  readonly job: JobModel;
  readonly refused?: RefusedTime | undefined;
}

/** A plain form per move, so each works without JavaScript. What ends a job is one step further away than the rest. */
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
            <MoveButton job={job} move={move} look={ADVISED.has(move) ? 'primary' : 'plain'} />
          ))}
        </div>
      )}
      {has('reschedule') ? <RescheduleForm job={job} refused={refused} /> : null}
      {final.length === 0 ? null : (
        <details id="end-job">
          <summary>End this job</summary>
          {final.map((move) => (
            <div class="move-final">
              <p>{MOVES[move].summary}</p>
              <MoveButton job={job} move={move} look="danger" />
            </div>
          ))}
        </details>
      )}
    </section>
  );
}

/** What a job that stands still needs to go on. */
const ADVISED: ReadonlySet<MoveName> = new Set(['retry', 'resume']);

interface MoveButtonProps {
  readonly job: JobModel;
  readonly move: MoveName;
  readonly look: 'plain' | 'primary' | 'danger';
}

function MoveButton({ job, move, look }: MoveButtonProps) {
  const { slug, label, summary } = MOVES[move];
  return (
    <form method="post" action={`${job.path}/${slug}`} id={`move-${slug}`}>
      <button class={`button ${look}`} title={summary}>
        {label}
      </button>
    </form>
  );
}

const POSTPONEMENTS = [
  { label: '+1 min', ms: 60_000 },
  { label: '+1 h', ms: 3_600_000 },
  { label: '+1 day', ms: 86_400_000 },
] as const;

/** The time is UTC as rendered; the client script turns it into the reader's own and sends `dueAtIso` beside it. */
function RescheduleForm({ job, refused }: JobMovesProps) {
  return (
    <form method="post" action={`${job.path}/${MOVES.reschedule.slug}`} id="reschedule" data-reschedule>
      <label for="due-at">
        Due at <span data-zone>(UTC)</span>
      </label>
      <div class="move-row">
        <input
          id="due-at"
          type="datetime-local"
          name="dueAt"
          step="1"
          value={refused?.typed ?? job.dueAtInput}
          data-utc={refused === undefined ? job.dueAt : undefined}
          aria-invalid={refused === undefined ? undefined : 'true'}
          aria-describedby={refused === undefined ? undefined : 'due-at-error'}
        />
        <input type="hidden" name="dueAtIso" />
        <button class="button">{MOVES.reschedule.label}</button>
      </div>
      {refused === undefined ? null : (
        <p class="field-error" id="due-at-error">
          {refused.detail}
        </p>
      )}
      <div class="move-row" role="group" aria-label="Postpone by">
        <span class="quiet">Postpone by</span>
        {POSTPONEMENTS.map(({ label, ms }) => (
          <button class="button small" name="postponeMs" value={String(ms)}>
            {label}
          </button>
        ))}
      </div>
    </form>
  );
}

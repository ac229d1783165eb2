/** A plain form per action, of a job or of a whole group, so that each works without JavaScript. */
import { ACTIONS, type ActionName } from '../../job/actions.ts';

/** What the reader typed, when it could not be used. */
export interface RefusedTime {
  readonly typed: string;
  readonly detail: string;
}

/** What a form acts on. */
interface Target {
  /** Address of its page. */
  readonly path: string;
  readonly dueAt: string;
  /** The same in UTC, as a field takes it. */
  readonly dueAtInput: string;
}

interface ActionButtonProps {
  readonly target: Pick<Target, 'path'>;
  readonly action: ActionName;
  readonly summary: string;
  readonly look: 'plain' | 'primary' | 'danger';
}

export function ActionButton({ target, action, summary, look }: ActionButtonProps) {
  const { slug, label } = ACTIONS[action];
  return (
    <form method="post" action={`${target.path}/${slug}`} id={`action-${slug}`}>
      <button class={`button ${look}`} title={summary}>
        {label}
      </button>
    </form>
  );
}

interface FinalActionsProps {
  readonly target: Pick<Target, 'path'>;
  readonly title: string;
  readonly actions: readonly { readonly action: ActionName; readonly summary: string }[];
}

/** What ends something is one step further away than the rest. */
export function FinalActions({ target, title, actions }: FinalActionsProps) {
  if (actions.length === 0) return null;
  return (
    <details id="end-job">
      <summary>{title}</summary>
      {actions.map(({ action, summary }) => (
        <div class="action-final">
          <p>{summary}</p>
          <ActionButton target={target} action={action} summary={summary} look="danger" />
        </div>
      ))}
    </details>
  );
}

const POSTPONEMENTS = [
  { label: '+1 min', ms: 60_000 },
  { label: '+1 h', ms: 3_600_000 },
  { label: '+1 day', ms: 86_400_000 },
] as const;

interface RescheduleFormProps {
  readonly target: Target;
  readonly label: string;
  readonly refused?: RefusedTime | undefined;
  /** Whether there is one due time that it makes sense to add to. */
  readonly postpones: boolean;
}

/** The time is UTC as rendered; the client script turns it into the reader's own and sends `dueAtIso` beside it. */
export function RescheduleForm({ target, label, refused, postpones }: RescheduleFormProps) {
  return (
    <form method="post" action={`${target.path}/${ACTIONS.reschedule.slug}`} id="reschedule" data-reschedule>
      <label for="due-at">
        {label} <span data-zone>(UTC)</span>
      </label>
      <div class="action-row">
        <input
          id="due-at"
          type="datetime-local"
          name="dueAt"
          step="1"
          value={refused?.typed ?? target.dueAtInput}
          data-utc={refused === undefined ? target.dueAt : undefined}
          aria-invalid={refused === undefined ? undefined : 'true'}
          aria-describedby={refused === undefined ? undefined : 'due-at-error'}
        />
        <input type="hidden" name="dueAtIso" />
        <button class="button">{ACTIONS.reschedule.label}</button>
      </div>
      {refused === undefined ? null : (
        <p class="field-error" id="due-at-error">
          {refused.detail}
        </p>
      )}
      {postpones ? (
        <div class="action-row" role="group" aria-label="Postpone by">
          <span class="quiet">Postpone by</span>
          {POSTPONEMENTS.map(({ label: by, ms }) => (
            <button class="button small" name="postponeMs" value={String(ms)}>
              {by}
            </button>
          ))}
        </div>
      ) : null}
    </form>
  );
}

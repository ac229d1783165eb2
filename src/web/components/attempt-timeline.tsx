import type { AttemptModel } from '../models/job-model.ts';
import { Icon, type IconName } from './icon.tsx';
import { Time } from './time.tsx';

const ICONS: Readonly<Record<AttemptModel['outcome'], IconName>> = {
  queued: 'queued',
  running: 'running',
  done: 'done',
  failed: 'warning',
  crashed: 'dead',
  interrupted: 'retrying',
  discarded: 'discarded',
  cancelled: 'cancelled',
};

const WORDS: Readonly<Record<AttemptModel['outcome'], string>> = {
  queued: 'waits in its queue',
  running: 'is running',
  done: 'succeeded',
  failed: 'failed',
  crashed: 'lost its process',
  interrupted: 'was interrupted, since its worker was stopped',
  discarded: 'discarded the job',
  cancelled: 'was cancelled',
};

/** Newest first: what happened last is what people look for. */
export function AttemptTimeline({ attempts }: { readonly attempts: readonly AttemptModel[] }) {
  return (
    <ol class="timeline" reversed>
      {attempts.toReversed().map((attempt) => (
        <li id={`attempt-${attempt.number}`} data-outcome={attempt.outcome}>
          <span class="timeline-mark">
            <Icon name={ICONS[attempt.outcome]} />
          </span>
          <div>
            <p class="timeline-title">
              Attempt {attempt.number} {WORDS[attempt.outcome]}
            </p>
            <p class="timeline-facts">
              {attempt.startedAt === null ? null : (
                <span>
                  started <Time at={attempt.startedAt} />
                </span>
              )}
              {attempt.duration === undefined ? null : <span>took {attempt.duration}</span>}
              {attempt.worker === null ? null : <span>on {attempt.worker}</span>}
            </p>
            {attempt.error === null ? null : (
              <p class="error-text">
                <strong>{attempt.error.type}</strong> {attempt.error.message}
              </p>
            )}
            {attempt.evidence === undefined ? null : <p class="quiet">{attempt.evidence}</p>}
            {attempt.stray === undefined ? null : (
              <p class="quiet">
                Meanwhile an error got past all work of its process. It may be this job’s: {attempt.stray}
              </p>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

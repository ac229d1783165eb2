import type { JobModel } from '../models/job-model.ts';
import { StateBadge } from './state-badge.tsx';
import { Time } from './time.tsx';

/** How the job is, and what happens next. The words are announced when they change; the ticking countdown is not. */
export function JobState({ job }: { readonly job: JobModel }) {
  return (
    <section class="card state" data-state={job.state} aria-labelledby="state-title">
      <h2 id="state-title" class="hidden">
        State
      </h2>
      <div role="status" class="state-words">
        <StateBadge state={job.state} large />
        <p>{job.sentence}</p>
      </div>
      {job.waitsUntil === undefined ? null : <Countdown until={job.waitsUntil} />}
      {job.result === undefined ? null : (
        <div class="result">
          <h3>Result</h3>
          <pre>{job.result}</pre>
        </div>
      )}
      {job.note === undefined ? null : (
        <div class="result">
          <h3>Result</h3>
          <p>{job.note}</p>
        </div>
      )}
      {job.progress === undefined ? null : (
        <div class="progress">
          <label for="progress">
            Progress: {job.progress.done} of {job.progress.total}
          </label>
          <progress id="progress" max={job.progress.total} value={job.progress.done}>
            {job.progress.percent} %
          </progress>
          <span aria-hidden="true">{job.progress.percent} %</span>
        </div>
      )}
      {job.error === undefined ? null : (
        <div class="last-error">
          <h3>{job.ended || job.state === 'dead' ? 'Why' : 'Last error'}</h3>
          <p class="error-text">
            <strong>{job.error.type}</strong> {job.error.message}
          </p>
          {job.error.stack === undefined ? null : (
            <details>
              <summary>Where it was thrown</summary>
              <pre>{job.error.stack}</pre>
            </details>
          )}
        </div>
      )}
    </section>
  );
}

function Countdown({ until }: { readonly until: string }) {
  return (
    <p class="countdown">
      <span class="countdown-label">Next attempt</span>
      <time class="countdown-clock" role="timer" datetime={until} data-countdown hidden></time>
      <span class="countdown-moment">
        <Time at={until} />
      </span>
    </p>
  );
}

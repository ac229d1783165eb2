/**
 * Looks at runners several times a second. A silent one computes, or stands still by a signal: the first gets nothing new and keeps what
 * has begun there, the second is killed, since it would go on one day beside the second run of its jobs.
 */
import { isStopped } from '../../process/process-state.ts';
import { machineTime } from '../../runner/messages.ts';
import type { AttemptInRunner } from './attempt-in-runner.ts';
import type { RunnerProcess } from './runner-process.ts';

const LOOK_EVERY_MS = 250;
/** A runner with work says four times a second that its loop turns. @format milliseconds */
const SILENT_AFTER_MS = 750;
/** Counted by looks and not by the clock, which goes on while this process stands still. */
const STOPPED_LOOKS = 7;
/** Later than the runner itself refuses it: nothing begins in two places. @format milliseconds */
const UNREAD_AFTER_MS = 1_500;
const READY_WITHIN_MS = 20_000;
/** A look that is so late says that this process stood still, or the whole machine: nobody else is to blame for silence. @format milliseconds */
const LATE_MS = 1_000;

export interface RunnerWatch {
  readonly runners: ReadonlySet<RunnerProcess>;
  /** Of kinds that say nothing else. @format milliseconds */
  readonly maxBusyMs: number;
  /** A handler does not end though it was asked to. */
  readonly onDeaf: (runner: RunnerProcess, attempt: AttemptInRunner) => void;
  /** An attempt was not begun, since the runner computes. */
  readonly onUnread: (runner: RunnerProcess, attempt: AttemptInRunner) => void;
  readonly onLooked: (now: number) => void;
}

export function watchRunners(watch: RunnerWatch): Disposable {
  let lastLook = machineTime();
  const look = (): void => {
    const now = machineTime();
    const passedMs = now - lastLook;
    lastLook = now;
    if (passedMs > LATE_MS) for (const runner of watch.runners) forgive(runner, now);
    else for (const runner of watch.runners) lookAt(runner, now, passedMs, watch);
    watch.onLooked(now);
  };
  let soon: NodeJS.Immediate | undefined;
  // Timers come before what lies in the pipes: after a moment in which this process stood still, a runner would be judged by old news.
  const looking = setInterval(() => (soon = setImmediate(look)), LOOK_EVERY_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(looking);
      clearImmediate(soon);
    },
  };
}

function forgive(runner: RunnerProcess, now: number): void {
  runner.lastHeardAt = now;
  runner.stoppedLooks = 0;
}

function lookAt(runner: RunnerProcess, now: number, passedMs: number, watch: RunnerWatch): void {
  if (!runner.isReady && now - Math.max(runner.bornAt, runner.lastHeardAt) > READY_WITHIN_MS) runner.kill('notReady');
  const silentMs = runner.silentFor(now);
  runner.isSilent = silentMs > SILENT_AFTER_MS;
  for (const attempt of runner.attempts.values())
    if (attempt.tick(passedMs, !runner.isSilent) === 'deaf') watch.onDeaf(runner, attempt);
  if (!runner.isSilent) {
    runner.stoppedLooks = 0;
    return;
  }
  for (const attempt of runner.attempts.values())
    if (!attempt.hasBegun && now - attempt.since > UNREAD_AFTER_MS) watch.onUnread(runner, attempt);
  void endIfStopped(runner);
  if (silentMs > longestBusy(runner, watch.maxBusyMs)) runner.kill('hung');
}

async function endIfStopped(runner: RunnerProcess): Promise<void> {
  if (!(await isStopped(runner.pid))) {
    runner.stoppedLooks = 0;
    return;
  }
  runner.stoppedLooks += 1;
  if (runner.stoppedLooks >= STOPPED_LOOKS) runner.kill('frozen');
}

function longestBusy({ attempts }: RunnerProcess, maxBusyMs: number): number {
  let longest = 0;
  for (const attempt of attempts.values())
    if (attempt.hasBegun) longest = Math.max(longest, attempt.maxBusyMs ?? maxBusyMs);
  return longest || maxBusyMs;
}

/**
 * Calls in their order, a few at a time: jobs that each start alone come by the thousand in a bulk request, and all at once they would
 * keep Temporal busy for longer than a call may take.
 */
import { TemporalUnreachableError } from '../errors.ts';

const AT_ONCE = 8;

interface Waiting {
  readonly go: () => void;
  readonly giveUp: (error: TemporalUnreachableError) => void;
}

/** When Temporal does not answer one of them, those that wait fail with it: each would wait for nothing as long again. */
export function aFewAtATime<Args extends readonly unknown[], Result>(
  call: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  let underWay = 0;
  let waiting: Waiting[] = [];
  return async (...args) => {
    if (underWay === AT_ONCE) await new Promise<void>((go, giveUp) => waiting.push({ go, giveUp }));
    else underWay += 1;
    try {
      return await call(...args);
    } catch (error) {
      if (error instanceof TemporalUnreachableError) {
        for (const { giveUp } of waiting) giveUp(error);
        waiting = [];
      }
      throw error;
    } finally {
      // Its place is handed on, so that nobody comes in between.
      const next = waiting.shift();
      if (next) next.go();
      else underWay -= 1;
    }
  };
}

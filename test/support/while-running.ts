import type { Worker } from '@temporalio/worker';

/** Runs `body` while all workers run, and stops them afterwards. */
export async function whileRunning<T>(workers: readonly Worker[], body: () => Promise<T>): Promise<T> {
  const running = workers.map((worker) => worker.run());
  try {
    return await body();
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  }
}

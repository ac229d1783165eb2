/** One line for each thing that was seen to be true. The first that is not ends the run. */
import { setTimeout as sleep } from 'node:timers/promises';

export async function check<T>(what: string, look: () => Promise<T> | T): Promise<T> {
  const startedAt = Date.now();
  try {
    const seen = await look();
    process.stdout.write(`  ✓ ${what} (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)\n`);
    return seen;
  } catch (error) {
    process.stdout.write(`  ✗ ${what}\n`);
    throw error;
  }
}

export function heading(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Looks again until it no longer throws. */
export async function eventually<T>(withinMs: number, look: () => Promise<T> | T): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await sleep(50);
    }
  }
}

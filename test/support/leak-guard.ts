/** For every test file: what its tests started has ended when they have, or the file fails with a sentence that names it. */
import { afterAll } from 'vitest';
import { heldNow, leftBehind } from './held-resources.ts';

/** A socket that was closed, or a process that was killed, takes a moment to be gone. */
const LOOKS = 40;
const PAUSE_MS = 50;

// Tests may put other timers in its place.
const { setTimeout } = globalThis;

// Node opens it when it is first asked for, by a module that may use it, say.
void process.stdin;
// At once, not in a hook: while the runner reports, which it does when hooks and tests begin, it has a timer of its own.
const before = heldNow();

// The first one that is registered is the last one that runs.
afterAll(async () => {
  let left = leftBehind(before, heldNow());
  for (let looks = 1; left.length > 0 && looks < LOOKS; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    left = leftBehind(before, heldNow());
  }
  if (left.length > 0)
    throw new Error(`These tests left behind ${left.join(', ')}. A test ends what it starts, also when it fails.`);
});

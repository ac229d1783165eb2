import { expect, test } from 'vitest';
import { restartDelayMs } from '../../src/dev/process-runner.ts';

test('what dies is started again soon, and later with each death that follows soon after its start', () => {
  expect([0, 1, 2, 3, 6, 7, 50].map(restartDelayMs)).toEqual([250, 500, 1_000, 2_000, 16_000, 30_000, 30_000]);
});

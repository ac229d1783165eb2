import { OF_THIS_REPOSITORY } from '../../src/config/programs.ts';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { jobModel } from '../../src/web/models/job-model.ts';
import { FakeJobs } from '../support/fake-jobs.ts';
import type { JobSnapshot } from '../../src/temporal/jobs.ts';
import { formatDuration, formatTime } from '../../src/web/models/format-times.ts';
import { shellQuote } from '../../src/web/shell-quote.ts';
import { asked } from '../support/kinds.ts';

describe('durations', () => {
  const cases: [number, string][] = [
    [0, '0 ms'],
    [999, '999 ms'],
    [4_230, '4.2 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [3_600_000, '1 h'],
    [273_600_000, '3 d 4 h'],
  ];
  test.each(cases)('%i ms reads %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

test('times read the same on every machine', () => {
  expect(formatTime('2026-11-24T08:54:12.345Z')).toBe('24 Nov 2026, 08:54:12 UTC');
});

test.each(['plain-id', "it's", '$(reboot)', '`reboot`', 'a b', '"', '\\', '-x', '*', 'é\n', ''])(
  'a shell reads %j as one argument, unchanged',
  (text) => {
    const output = execFileSync('sh', ['-c', `printf '<%s>' ${shellQuote(text)}`], { encoding: 'utf8' });
    expect(output).toBe(`<${text}>`);
  },
);

async function snapshot(changes: Partial<JobSnapshot> = {}): Promise<JobSnapshot> {
  const jobs = new FakeJobs();
  await jobs.start(asked({ delayMs: 60_000 }), { idempotencyKey: 'a/b' });
  return { ...(await jobs.read('a/b')), ...changes };
}

describe('a job', () => {
  const surroundings = {
    temporal: { uiUrl: 'https://temporal.example/', namespace: 'a b' },
    programs: OF_THIS_REPOSITORY,
  };
  test('that Temporal does not tell about any more is shown as it was, and says so', async () => {
    const { state, notices } = jobModel(await snapshot({ stale: true }), surroundings);
    expect(state).toBe('scheduled');
    expect(notices.map(({ title }) => title)).toEqual(['Temporal does not answer']);
  });

  test('in a state that this version does not know is shown as unknown', async () => {
    const { job } = await snapshot();
    const model = jobModel(await snapshot({ job: { ...job, state: 'levitating' as never } }), surroundings);
    expect(model.state).toBe('unknown');
    expect(model.sentence).toBe('Is in a state that this version does not know: levitating.');
  });

  test('is found in a Temporal Web UI anywhere', async () => {
    const { temporalUrl } = jobModel(await snapshot({ runId: 'r' }), surroundings);
    expect(temporalUrl).toBe('https://temporal.example/namespaces/a%20b/workflows/a%2Fb/r');
  });

  test.each([null, 'text', 7, [1, 2]])(
    'with the arguments %j of another version is shown all the same',
    async (args) => {
      expect(jobModel(await snapshot({ args }), surroundings).args.length).toBeGreaterThan(0);
    },
  );
});

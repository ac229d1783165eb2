import { readFile } from 'node:fs/promises';
import { expect, type Api } from '../api.ts';
import { check, eventually, heading } from '../check.ts';
import type { ComposeFile, Image } from '../compose-file.ts';
import type { Stack } from '../stack.ts';

export async function starts(stack: Stack, compose: ComposeFile, image: Image): Promise<void> {
  heading('Start');
  stack.postgres.start();
  await check('both databases are created', async () =>
    // The compose file waits for PostgreSQL's health check; so does this, by trying again.
    eventually(20_000, async () => runsToItsEnd(stack, 'databases')),
  );
  await check('and creating them again changes nothing', () => runsToItsEnd(stack, 'databases'));
  stack.temporal.start();
  await check('Temporal answers its health check', async () =>
    eventually(30_000, () => temporalIsHealthy(stack, compose)),
  );
  await check('the namespace is created, with its search attributes', async () => {
    const said = await runsToItsEnd(stack, 'namespace');
    expect(/created, keeps ended jobs for 30 days.*JobQueue.*JobGroup/.test(said), said);
  });
  await check('and preparing it again changes nothing', async () => {
    const said = await runsToItsEnd(stack, 'namespace');
    expect(/is there, keeps ended jobs for 30 days.*are registered/.test(said), said);
  });
  stack.web.start();
  await check('web answers its health check', async () =>
    eventually(10_000, async () => passes(stack.runIn('web', image.healthcheck))),
  );
  await check('it is ready, and says that no worker runs', () => isReady(stack, 'none'));
  stack.worker.start();
  await check('workers answer their health check', async () =>
    eventually(15_000, async () => workersAreHealthy(stack, compose)),
  );
  await check('web says that workers run, by their heartbeats', () => isReady(stack, 'present'));
  if (stack.confines)
    await check(
      'Temporal, web and the worker have no capabilities, none to be had, and a root that is read-only',
      async () => {
        for (const { pid } of [stack.temporal, stack.web, stack.worker]) {
          const status = await readFile(`/proc/${pid}/status`, 'utf8');
          for (const line of [/^CapEff:\t0+$/m, /^CapBnd:\t0+$/m, /^NoNewPrivs:\t1$/m])
            expect(line.test(status), `${pid} has other rights: ${status}`);
          const mounts = await readFile(`/proc/${pid}/mountinfo`, 'utf8');
          expect(/^\S+ \S+ \S+ \S+ \/ ro[, ]/m.test(mounts), `${pid} may write to its root: ${mounts}`);
        }
      },
    );
}

export async function stops(stack: Stack, api: Api, compose: ComposeFile): Promise<void> {
  heading('Stop');
  const graceMs = Number.parseInt(compose.service('worker').stop_grace_period ?? '', 10) * 1_000;
  const running = await api.startJob({ kind: 'WriteReport', args: { rows: 100, msPerRow: 500 } });
  await api.until(running, 'running', 10_000);
  const waiting = await api.startJob({ kind: 'NameWorkflow', args: { name: 'later' }, delayMs: 3_000 });
  await check(`SIGTERM stops workers within their ${graceMs / 1_000} s, though a job runs for longer`, async () => {
    const { code, tookMs } = await stack.worker.stop(graceMs);
    expect(code === 0 && tookMs < graceMs, `exit code ${code} after ${tookMs} ms`);
  });
  await check('without workers a due job waits, and web says why', async () => {
    await isReady(stack, 'none');
    const job = await eventually(5_000, async () => {
      const seen = await api.job(waiting);
      expect(Date.parse(seen.dueAt) < Date.now(), `job ${waiting} is due at ${seen.dueAt} only`);
      return seen;
    });
    expect(job.endedAt === null && job.attempts.length === 0, `without a worker: ${JSON.stringify(job)}`);
  });
  stack.worker.start();
  await check('both go on when workers are back', async () => {
    await api.until(waiting, 'done', 15_000);
    const job = await api.until(running, 'done', 60_000);
    expect(job.attempts[0]?.outcome === 'interrupted', JSON.stringify(job.attempts));
  });
  await check('SIGTERM stops web with exit code 0', async () => {
    const { code } = await stack.web.stop(10_000);
    expect(code === 0, `exit code ${code}`);
  });
}

export async function temporalIsHealthy(stack: Stack, compose: ComposeFile): Promise<void> {
  const [url = ''] = compose.service('temporal').healthcheck?.test?.slice(-1) ?? [];
  const { pathname, search } = new URL(url);
  const timeout = Number.parseInt(compose.service('temporal').healthcheck?.timeout ?? '', 10) * 1_000;
  const response = await fetch(`${stack.temporalHttpUrl}${pathname}${search}`, {
    signal: AbortSignal.timeout(timeout),
  });
  expect(response.ok, `${pathname} answered ${response.status}`);
}

export async function workersAreHealthy(stack: Stack, compose: ComposeFile): Promise<void> {
  await passes(stack.runIn('worker', withoutCmd(compose.service('worker').healthcheck?.test)));
}

export async function isReady(stack: Stack, workers: 'none' | 'present'): Promise<void> {
  await eventually(10_000, async () => {
    const response = await fetch(`${stack.webUrl}/readyz`);
    const said = await response.text();
    expect(response.ok && said.includes(`"workers":"${workers}"`), `/readyz answered ${response.status} ${said}`);
  });
}

async function runsToItsEnd(stack: Stack, name: 'databases' | 'namespace'): Promise<string> {
  const { code, output } = await stack.runToEnd(name);
  expect(code === 0, `${name} exited with ${code}: ${output}`);
  return output;
}

async function passes(running: Promise<{ code: number | null; output: string }>): Promise<void> {
  const { code, output } = await running;
  expect(code === 0, `exit code ${code}: ${output}`);
}

/** Compose's `test: [CMD, …]`. */
function withoutCmd(test: readonly string[] = []): readonly string[] {
  expect(test[0] === 'CMD', `the health check is not in exec form: ${JSON.stringify(test)}`);
  return test.slice(1);
}

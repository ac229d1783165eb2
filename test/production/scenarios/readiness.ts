import { expect, type Api } from '../api.ts';
import { check, eventually, heading } from '../check.ts';
import type { ComposeFile, Image } from '../compose-file.ts';
import type { Stack } from '../stack.ts';
import { temporalIsHealthy, workersAreHealthy } from './start-and-stop.ts';

/** What a person or a balancer sees of a database in trouble, and that nothing is restarted for it. */
export async function readiness(stack: Stack, api: Api, compose: ComposeFile, image: Image): Promise<void> {
  heading('Readiness');
  await check('a PostgreSQL that hangs is noticed, by web and by the health check of Temporal', async () => {
    using _frozen = await stack.postgres.freeze();
    await saysNotReady(stack, 'unreachable');
    const isHealthy = await temporalIsHealthy(stack, compose).then(
      () => true,
      () => false,
    );
    expect(!isHealthy, 'Temporal passes its health check');
    await nobodyIsRestarted(stack, compose, image);
  });
  await check('web is ready again soon after it answers', () => isReady(stack));
  await check('a PostgreSQL that takes no more is noticed after three starts', async () => {
    await using _full = await stack.postgres.refuseWrites();
    for (let start = 0; start < 3; start += 1) {
      const body = JSON.stringify({ kind: 'NameWorkflow', args: { name: 'nobody' } });
      const response = await api.request('/api/jobs', { method: 'POST', body });
      expect(response.status === 503, `POST /api/jobs answered ${response.status}`);
    }
    await saysNotReady(stack, 'failing');
    await nobodyIsRestarted(stack, compose, image);
  });
  await check('jobs run again soon after it does, and web is ready', async () => {
    await eventually(30_000, async () => {
      const id = await api.startJob({ kind: 'NameWorkflow', args: { name: 'back' } });
      await api.until(id, 'done', 5_000);
    });
    await isReady(stack);
  });
}

async function saysNotReady(stack: Stack, temporal: string): Promise<void> {
  await eventually(5_000, async () => {
    const response = await fetch(`${stack.webUrl}/readyz`);
    const said = await response.text();
    expect(
      response.status === 503 && said.includes(`"temporal":"${temporal}"`),
      `/readyz answered ${response.status} ${said}`,
    );
  });
}

async function isReady(stack: Stack): Promise<void> {
  await eventually(20_000, async () => {
    const response = await fetch(`${stack.webUrl}/readyz`);
    expect(response.ok, `/readyz answered ${response.status} ${await response.text()}`);
  });
}

/** Web and workers do what they can, and a restart would mend nothing. */
async function nobodyIsRestarted(stack: Stack, compose: ComposeFile, image: Image): Promise<void> {
  const { code, output } = await stack.runIn('web', image.healthcheck);
  expect(code === 0, `web fails its health check: ${output}`);
  await workersAreHealthy(stack, compose);
}

import { expect, type Api } from '../api.ts';
import { check, heading } from '../check.ts';
import type { Stack } from '../stack.ts';

/** Stock settings of Temporal make a short timer a second late. @format milliseconds */
const LATE_MS = 500;
/** Stock settings allow 10. */
const LISTS = 50;

export async function jobs(stack: Stack, api: Api): Promise<void> {
  heading('Jobs');
  await check('without the password nothing is told', async () => {
    const response = await fetch(`${stack.webUrl}/`);
    expect(response.status === 401, `GET / answered ${response.status}`);
  });
  await check('a job runs', async () => {
    const id = await api.startJob({ kind: 'NameWorkflow', args: { name: 'foo' } });
    const job = await api.until(id, 'done', 5_000);
    expect(job.result === 'Hello, foo', JSON.stringify(job));
  });
  await check('pages and their style sheet are served', async () => {
    const page = await (await api.request('/')).text();
    const [, styles = ''] = /href="(\/assets\/[^"]+\.css)"/.exec(page) ?? [];
    const response = await api.request(styles);
    expect(styles !== '' && response.ok, `style sheet ${styles} answered ${response.status}`);
  });
  await check(`short timers fire on time, so dynamicconfig.yaml has its effect`, async () => {
    const lateness: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const id = await api.startJob({ kind: 'NameWorkflow', args: { name: 'soon' }, delayMs: 100 });
      const job = await api.until(id, 'done', 5_000);
      lateness.push(Date.parse(job.startedAt ?? '') - Date.parse(job.dueAt));
    }
    const median = lateness.sort((a, b) => a - b)[2] ?? Number.NaN;
    expect(median < LATE_MS, `median lateness is ${median} ms, of ${lateness.join(', ')}`);
  });
  await check(`${LISTS} lists within a second are all answered, by dynamicconfig.yaml`, async () => {
    const answers = await Promise.all(
      Array.from({ length: LISTS }, async () =>
        fetch(`${stack.temporalHttpUrl}/api/v1/namespaces/default/workflows?pageSize=1`),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(
      statuses.every((status) => status === 200),
      `they answered ${statuses.join(', ')}`,
    );
  });
}

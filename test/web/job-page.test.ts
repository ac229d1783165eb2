import { expect, test } from 'vitest';
import { webWorld } from '../support/web-app.ts';

const REFRESH = 'http-equiv="refresh"';

test('a waiting job shows its due time, arguments, links and commands', async () => {
  const world = webWorld();
  await world.start('name-1', { dueAt: '2030-01-01T10:00:00.000Z' });
  const response = await world.get('/jobs/name-1');
  expect(response.status).toBe(200);
  const html = await response.text();
  expect(html).toContain('data-state="scheduled"');
  expect(html).toContain('Waits for its due time.');
  expect(html).toContain('datetime="2030-01-01T10:00:00.000Z"');
  expect(html).toContain('1 Jan 2030, 10:00:00 UTC');
  expect(html).toContain('href="http://127.0.0.1:8233/namespaces/default/workflows/name-1/0193a1c2-run"');
  expect(html).toContain('bin/temporal workflow query --workflow-id name-1 --type job');
  expect(html).toContain(
    'bin/temporal workflow update execute --workflow-id name-1 --name reschedule --input &#39;{&quot;dueAt&quot;:&quot;2030-01-01T00:00:00Z&quot;}&#39;',
  );
  expect(html).toContain(REFRESH);
});

test('an id is quoted for the shell, escaped for the page and encoded for addresses', async () => {
  const world = webWorld();
  const id = `it's/<b>&$(reboot)`;
  await world.start(id);
  const response = await world.get(`/jobs/${encodeURIComponent(id)}`);
  expect(response.status).toBe(200);
  const html = await response.text();
  expect(html).toContain(String.raw`--workflow-id &#39;it&#39;\&#39;&#39;s/&lt;b&gt;&amp;$(reboot)&#39;`);
  expect(html).toContain(`/workflows/${encodeURIComponent(id).replaceAll("'", '&#39;')}/`);
  expect(html).not.toContain('<b>');
});

test('a script as a name is text wherever it shows', async () => {
  const world = webWorld();
  const name = '<script>alert(1)</script>';
  await world.start('evil', { args: { name } });
  world.jobs.take('evil', '<img src=x onerror=alert(1)>');
  world.jobs.fail('evil', '<script>alert(2)</script>');
  world.jobs.take('evil');
  world.jobs.finish('evil', `Hello, ${name}`);
  for (const path of ['/jobs/evil', '/']) {
    const html = await (await world.get(path)).text();
    expect(html).not.toMatch(/<script>|<img/);
  }
  const html = await (await world.get('/jobs/evil')).text();
  expect(html).toContain('Hello, &lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).toContain('&lt;script&gt;alert(2)&lt;/script&gt;');
});

test('a running job shows its progress and its worker', async () => {
  const world = webWorld();
  await world.start('name-1');
  world.jobs.take('name-1', 'worker-7@laptop');
  world.jobs.progress('name-1', { done: 30, total: 120 });
  const html = await (await world.get('/jobs/name-1')).text();
  expect(html).toContain('Progress: 30 of 120');
  expect(html).toMatch(/<progress[^>]* max="120" value="30"/);
  expect(html).toContain('25 %');
  expect(html).toContain('Attempt 1 is running');
  expect(html).toContain('on worker-7@laptop');
});

test('attempts are listed newest first, with outcome, duration, worker and error', async () => {
  let now = Date.parse('2026-11-24T09:00:00Z');
  const world = webWorld({ now: () => now });
  await world.start('name-1');
  world.jobs.take('name-1', 'worker-1');
  now += 4_200;
  world.jobs.fail('name-1', 'the printer is on fire');
  world.jobs.take('name-1', 'worker-2');
  now += 350;
  world.jobs.crash('name-1');
  const html = await (await world.get('/jobs/name-1')).text();
  expect(html).toMatch(/Attempt 2 lost its process.*Attempt 1 failed/s);
  expect(html).toContain('took 4.2 s');
  expect(html).toContain('took 350 ms');
  expect(html).toContain('the printer is on fire');
  expect(html).toMatch(/Crashes<\/dt><dd>1</);
});

test('a crash shows what is known of whose fault it was', async () => {
  const world = webWorld();
  await world.start('name-1');
  for (const evidence of ['none', 'shared', 'alone'] as const) {
    world.jobs.take('name-1');
    world.jobs.crash('name-1', evidence);
  }
  const html = await (await world.get('/jobs/name-1')).text();
  expect(html).toMatch(/it ran alone, in a process.*others ran in that process.*none against any job/s);
});

test('a job that processes died with says that it runs alone, until it is dead', async () => {
  const world = webWorld();
  await world.start('name-1');
  const page = async (): Promise<string> => (await world.get('/jobs/name-1')).text();
  const die = (): void => {
    world.jobs.take('name-1');
    world.jobs.crash('name-1', 'alone');
  };
  die();
  expect(await page()).not.toContain('It runs alone');
  die();
  expect(await page()).toContain('It runs alone for now');
  die();
  const html = await page();
  expect(html).toContain('data-state="dead"');
  expect(html).toContain('the job kills them');
  expect(html).toContain('Does not run again unless a person retries it.');
  expect(html).not.toContain('It runs alone');
});

test('an error that got past the work is shown with its attempt, while that runs and after it', async () => {
  const world = webWorld();
  await world.start('name-1');
  world.jobs.take('name-1');
  world.jobs.stray('name-1', 'nobody awaited: Error: <b>');
  const shown = 'It may be this job’s: nobody awaited: Error: &lt;b&gt;';
  expect(await (await world.get('/jobs/name-1')).text()).toContain(shown);
  world.jobs.finish('name-1', 'ok');
  expect(await (await world.get('/jobs/name-1')).text()).toContain(shown);
});

test('the last error shows where it was thrown', async () => {
  const world = webWorld();
  await world.start('name-1');
  world.jobs.take('name-1');
  world.jobs.fail('name-1', 'no luck', true, 'at luck (<anonymous>)\ncaused by Error: rain');
  const html = await (await world.get('/jobs/name-1')).text();
  expect(html).toMatch(
    /<summary>Where it was thrown<\/summary><pre>at luck \(&lt;anonymous&gt;\)\ncaused by Error: rain</,
  );
});

test('a result that was left out says why, in its place', async () => {
  const world = webWorld();
  await world.start('name-1');
  world.jobs.take('name-1');
  world.jobs.finish('name-1', null, 'the result was left out: it is no JSON');
  const html = await (await world.get('/jobs/name-1')).text();
  expect(html).toContain('<h3>Result</h3><p>The result was left out: it is no JSON.</p>');
  expect(html).not.toContain('<pre>null</pre>');
});

test('a done job shows its result and no longer reloads or offers actions', async () => {
  const world = webWorld();
  await world.start('name-1');
  world.jobs.take('name-1');
  world.jobs.finish('name-1', 'Hello, foo');
  const html = await (await world.get('/jobs/name-1')).text();
  expect(html).toContain('<pre>Hello, foo</pre>');
  expect(html).not.toContain(REFRESH);
  expect(html).not.toContain('data-events');
  expect(html).not.toContain('<form');
  expect(html).not.toContain('workflow cancel');
});

test('a result that is no text is shown as JSON', async () => {
  const world = webWorld();
  await world.start('name-1');
  world.jobs.take('name-1');
  world.jobs.finish('name-1', { file: 'a.csv', rows: 3 });
  const html = await (await world.get('/jobs/name-1')).text();
  expect(html).toContain('&quot;file&quot;: &quot;a.csv&quot;');
});

test('a page can be told to hold still', async () => {
  const world = webWorld();
  await world.start('name-1', { delayMs: 60_000 });
  const html = await (await world.get('/jobs/name-1?refresh=off')).text();
  expect(html).not.toContain(REFRESH);
  expect(html).toContain('data-events');
});

test.each([
  ['scheduled', ['run-now', 'reschedule', 'pause', 'discard', 'cancel']],
  ['running', ['pause', 'cancel']],
  ['running, paused', ['resume', 'cancel']],
  ['retrying', ['run-now', 'reschedule', 'pause', 'discard', 'cancel']],
  ['paused', ['run-now', 'reschedule', 'resume', 'discard', 'cancel']],
  ['dead', ['retry', 'discard', 'cancel']],
  ['cancelled', []],
])('a job that is %s offers exactly its legal actions', async (state, slugs) => {
  const world = webWorld();
  const { jobs } = world;
  await world.start('j', { delayMs: 60_000, maxAttempts: state === 'dead' ? 1 : 5 });
  if (state !== 'scheduled' && state !== 'paused' && state !== 'cancelled') jobs.take('j');
  if (state === 'retrying' || state === 'dead') jobs.fail('j', 'no');
  if (state.includes('paused')) await jobs.act('j', { type: 'pause' });
  if (state === 'cancelled') await jobs.act('j', { type: 'cancel' });
  const html = await (await world.get('/jobs/j')).text();
  expect(html).toContain(`data-state="${state.split(',')[0]}"`);
  const offered = [...html.matchAll(/action="\/jobs\/j\/([^"]+)"/g)].map(([, slug]) => slug);
  expect(new Set(offered)).toEqual(new Set(slugs));
  expect(offered).toHaveLength(slugs.length);
});

test('without any worker the page says so, and that the job is safe', async () => {
  const world = webWorld();
  await world.start('name-1');
  world.jobs.workers = 'none';
  world.jobs.queueWorkers = 'none';
  const html = await (await world.get('/jobs/name-1')).text();
  expect(html).toContain('No worker is running');
  expect(html).toContain('<code>bin/hard_worker</code>');
  expect(html).not.toContain('No worker serves the queue');
});

test('a queue without workers is named, with the command that starts some', async () => {
  const world = webWorld();
  await world.start('name-1', { queue: 'mailers' });
  world.jobs.queueWorkers = 'none';
  const html = await (await world.get('/jobs/name-1')).text();
  expect(html).toContain('No worker serves the queue mailers');
  expect(html).toContain('<code>bin/hard_worker --queue mailers</code>');
});

test('actions that wait for a worker are shown', async () => {
  const world = webWorld();
  await world.start('name-1', { delayMs: 60_000 });
  world.jobs.workers = 'none';
  await world.post('/jobs/name-1/reschedule', { dueAt: '2030-01-01T10:00' });
  const html = await (await world.get('/jobs/name-1')).text();
  expect(html).toContain('Reschedule takes effect when a worker is back');
  expect(html).toMatch(/, to be due at <time datetime="2030-01-01T10:00:00.000Z"[^>]*>1 Jan 2030, 10:00:00 UTC/);
});

test('an unknown job is a page of its own', async () => {
  const response = await webWorld().get('/jobs/nobody');
  expect(response.status).toBe(404);
  const html = await response.text();
  expect(html).toContain('No such job');
  expect(html).toContain('No job has the id nobody');
});

test('without Temporal the page says so, tries again and tells nothing of the inside', async () => {
  const world = webWorld();
  await world.start('name-1');
  world.jobs.unreachable();
  const response = await world.get('/jobs/name-1');
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('2');
  const html = await response.text();
  expect(html).toContain(REFRESH);
  expect(html).not.toContain('ECONNREFUSED');
});

test('a job whose workflow fails again and again says so on its page, its group’s and in the list', async () => {
  const world = webWorld();
  const { id, jobs } = await world.startGroup(2);
  await world.start('name-1');
  world.jobs.stuck.set(id, 'no workflow of <that> kind');
  for (const path of [`/jobs/${encodeURIComponent(jobs[0] ?? '')}`, `/groups/${id}`]) {
    const html = await (await world.get(path)).text();
    expect(html).toMatch(/This (job|group) cannot go on/);
    expect(html).toContain('fails again and again: No workflow of &lt;that&gt; kind.');
  }
  expect(await (await world.get('/jobs/name-1')).text()).not.toContain('cannot go on');
  expect((await (await world.get('/')).text()).match(/cannot go on/g)).toHaveLength(1);
});

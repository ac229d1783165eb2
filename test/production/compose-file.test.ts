/** What can be seen without building anything; `test/production/run` proves the rest. */
import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readDockerfile } from './compose-file.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Service {
  readonly cap_drop?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly image: string;
  readonly mem_limit?: string;
  readonly networks?: readonly string[];
  readonly pids_limit?: number;
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly secrets?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly string[];
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly secrets: Readonly<Record<string, { readonly file?: string }>>;
}

async function composeFile(): Promise<ComposeFile> {
  return parse(await readFile(`${ROOT}docker-compose.yml`, 'utf8'), { merge: true }) as ComposeFile;
}

async function services(): Promise<ComposeFile['services']> {
  return (await composeFile()).services;
}

async function builtFiles(): Promise<string[]> {
  const { files } = JSON.parse(await readFile(`${ROOT}tsconfig.build.json`, 'utf8')) as { files: string[] };
  return files;
}

test('every script that a service, the image or a health check starts is built', async () => {
  const image = await readDockerfile(`${ROOT}Dockerfile`);
  const text = JSON.stringify([await services(), image]);
  const scripts = new Set(Array.from(text.matchAll(/dist\/(bin\/[\w-]+)\.js/g), ([, script]) => `${script}.ts`));
  expect([...scripts].sort()).toEqual([
    'bin/hard_worker.ts',
    'bin/prepare-namespace.ts',
    'bin/web.ts',
    'bin/worker-health.ts',
  ]);
  expect(await builtFiles()).toEqual(expect.arrayContaining([...scripts]));
  await Promise.all((await builtFiles()).map((file) => access(`${ROOT}${file}`)));
});

test('everything is published on 127.0.0.1', async () => {
  const ports = Object.values(await services()).flatMap((service) => service.ports ?? []);
  expect(ports).toHaveLength(3);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test('a proxy of Docker’s own configuration stands between no two services', async () => {
  const reaching = Object.values(await services()).filter(({ environment }) => environment?.['TEMPORAL_ADDRESS']);
  expect(reaching).toHaveLength(4);
  for (const { environment } of reaching)
    expect(environment).toMatchObject(
      environment?.['TEMPORAL_NAMESPACE'] ? { no_grpc_proxy: 'temporal' } : { HTTPS_PROXY: '', https_proxy: '' },
    );
});

test('no image of others floats with its newest version', async () => {
  const images = Object.values(await services()).map(({ image }) => image);
  const floating = images.filter((image) => image !== 'holdfast' && !/^[\w/-]+:\d+[\w.-]*$/.test(image));
  expect(images).toContain('holdfast');
  expect(floating).toEqual([]);
});

test('.env.example names every setting of docker-compose.yml, and is complete without any other', async () => {
  const compose = await readFile(`${ROOT}docker-compose.yml`, 'utf8');
  const example = await readFile(`${ROOT}.env.example`, 'utf8');
  const used = new Set(Array.from(compose.matchAll(/\$\{(\w+)/g), ([, name]) => name));
  const named = new Set(Array.from(example.matchAll(/^(\w+)=/gm), ([, name]) => name));
  expect(named).toEqual(used);
});

test('no service has rights, writes to its root or may eat up the machine', async () => {
  for (const [name, service] of Object.entries(await services())) {
    expect(service, name).toMatchObject({
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      read_only: true,
      mem_limit: expect.stringMatching(/\d[gm]\b/),
      pids_limit: expect.any(Number),
      tmpfs: expect.arrayContaining([expect.stringMatching(/^\/tmp:size=/)]),
    });
    for (const tmpfs of service.tmpfs ?? []) expect(tmpfs, name).toMatch(/:size=\d+m\b/);
  }
});

test('what Holdfast writes has a place that is not its root', async () => {
  const { environment } = await readDockerfile(`${ROOT}Dockerfile`);
  const ours = Object.values(await services()).filter(({ image }) => image === 'holdfast');
  expect(ours).toHaveLength(3);
  for (const { tmpfs } of ours)
    expect(tmpfs).toContainEqual(
      expect.stringMatching(new RegExp(`^${environment['HOLDFAST_HOME']}:.*uid=1000,gid=1000`)),
    );
});

test('what workers leave for each other outlives their containers, in folders that the image gives to its user', async () => {
  const { volumes } = (await services())['worker'] ?? {};
  expect(volumes).toEqual(['reports:/var/lib/holdfast/reports', 'in-hand:/var/lib/holdfast/in-hand']);
  const dockerfile = await readFile(`${ROOT}Dockerfile`, 'utf8');
  for (const folder of ['reports', 'in-hand'])
    expect(dockerfile).toMatch(new RegExp(`install .*--owner=node .*/var/lib/holdfast/${folder}( |$)`, 'm'));
});

test('the image’s user is a number that is not root’s', async () => {
  expect(await readFile(`${ROOT}Dockerfile`, 'utf8')).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
});

test('each service is in the networks that it needs', async () => {
  const { services: all, networks } = await composeFile();
  expect(Object.fromEntries(Object.entries(all).map(([name, service]) => [name, service.networks]))).toEqual({
    postgres: ['database'],
    databases: ['database'],
    temporal: ['database', 'temporal', 'published'],
    namespace: ['temporal'],
    'temporal-ui': ['temporal', 'published'],
    web: ['temporal', 'published'],
    worker: ['temporal', 'outside'],
  });
  const internal = Object.keys(networks).filter((name) => networks[name]?.internal === true);
  expect(internal).toEqual(['database', 'temporal']);
  // Docker publishes no port of a container that is in internal networks alone.
  for (const { ports, networks: its = [] } of Object.values(all)) if (ports) expect(its).toContain('published');
});

test('passwords come from files that neither git nor the image takes, and are in no setting', async () => {
  const { services: all, secrets } = await composeFile();
  for (const [name, { file }] of Object.entries(secrets)) expect(file).toBe(`secrets/${name}`);
  expect(await readFile(`${ROOT}.gitignore`, 'utf8')).toMatch(/^secrets\/$/m);
  expect(await readFile(`${ROOT}.dockerignore`, 'utf8')).toMatch(/^\*$/m);
  expect(await readFile(`${ROOT}.dockerignore`, 'utf8')).not.toMatch(/^!secrets/m);
  for (const [name, { environment = {}, command = [], secrets: its = [] }] of Object.entries(all)) {
    const named = Array.from(JSON.stringify([environment, command]).matchAll(/\/run\/secrets\/(\w+)/g), ([, it]) => it);
    expect(named, name).toEqual(its);
    const settings = Object.keys(environment).filter((key) => /PASSWORD|PWD/.test(key));
    for (const setting of settings) expect(setting, name).toMatch(/_FILE$/);
  }
});

test('Temporal’s four roles leave PostgreSQL connections for people, dumps and the job that prepares the databases', async () => {
  const { environment = {} } = (await services())['temporal'] ?? {};
  const pools = Number(environment['SQL_MAX_CONNS']) + Number(environment['SQL_VIS_MAX_CONNS']);
  // PostgreSQL's default, of which three are for its superuser.
  expect(4 * pools).toBeLessThanOrEqual(100 - 3 - 8);
});

test('Temporal finds its own roles at an address that no restart changes', async () => {
  const { environment } = (await services())['temporal'] ?? {};
  expect(environment).toMatchObject({ BIND_ON_IP: '0.0.0.0', TEMPORAL_BROADCAST_ADDRESS: '127.0.0.1' });
});

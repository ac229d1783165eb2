/** What can be seen without building anything; `test/production/run` proves the rest. */
import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readDockerfile } from './compose-file.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Service {
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly image: string;
}

async function services(): Promise<Record<string, Service>> {
  const file = parse(await readFile(`${ROOT}docker-compose.yml`, 'utf8'), { merge: true }) as {
    services: Record<string, Service>;
  };
  return file.services;
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

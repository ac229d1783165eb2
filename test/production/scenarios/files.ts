import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { expect } from '../api.ts';
import { check } from '../check.ts';
import { readComposeFile, readDockerfile, type ComposeFile, type Image } from '../compose-file.ts';
import { TEMPORAL_VERSION } from '../go-tools.ts';

const run = promisify(execFile);

/** What a person puts into the folder `secrets`. Of all characters, Temporal stumbles over spaces alone in its database's password. */
export const SECRETS = { postgres_password: 'made/up:for@this?run&100%+#', holdfast_password: 'also made up for it' };

export async function readsCleanly(docker: string, root: string): Promise<ComposeFile> {
  const compose = await check('Docker Compose accepts docker-compose.yml', () => readComposeFile(docker, root));
  await check('everything is published on 127.0.0.1 only', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports);
    expect(ports.length > 0, 'nothing is published');
    for (const { host_ip: address, target } of ports)
      expect(address === '127.0.0.1', `port ${target} is published on ${address ?? 'every address'}`);
  });
  await check('every long-running service restarts, and those that run to an end only when they failed', () => {
    for (const [name, { restart }] of Object.entries(compose.services)) {
      const wanted = ['databases', 'namespace'].includes(name) ? 'on-failure' : 'unless-stopped';
      expect(restart === wanted, `${name} has restart: ${restart}`);
    }
  });
  await check('every secret comes from a file, of the folder that git does not take', () => {
    const files = Object.fromEntries(Object.entries(compose.secrets).map(([name, { file }]) => [name, file]));
    const wanted = Object.keys(SECRETS).map((name) => [name, join(root, 'secrets', name)] as const);
    expect(isDeepStrictEqual(files, Object.fromEntries(wanted)), JSON.stringify(files));
  });
  return compose;
}

export async function namesTheseVersions(compose: ComposeFile): Promise<void> {
  await check(`the images of Temporal are ${TEMPORAL_VERSION}, which is what runs here`, () => {
    for (const [name, repository] of [
      ['temporal', 'temporalio/server'],
      ['databases', 'temporalio/admin-tools'],
    ] as const)
      expect(
        compose.service(name).image === `${repository}:${TEMPORAL_VERSION}`,
        `${name} is ${compose.service(name).image}`,
      );
  });
}

export async function readImage(root: string, temporalServer: string): Promise<Image> {
  await check('Temporal knows every key of dynamicconfig.yaml and its type', async () => {
    const { stdout } = await run(temporalServer, [
      'validate-dynamic-config',
      join(root, 'deploy/temporal/dynamicconfig.yaml'),
    ]);
    // What it does not know it only warns of, and it says nothing else after the file's name.
    expect(!/error:|warning:/.test(stdout), stdout);
  });
  return check('the Dockerfile starts node without a shell, in production, with a health check', async () => {
    const image = await readDockerfile(join(root, 'Dockerfile'));
    expect(image.environment['NODE_ENV'] === 'production', JSON.stringify(image.environment));
    expect(image.command[0] === 'node' && image.healthcheck[0] === 'node', JSON.stringify(image));
    return image;
  });
}

/** What docker-compose.yml and Dockerfile say, so that the run below cannot drift from them. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

const SERVICE = z.object({
  image: z.string(),
  command: z.array(z.string()).nullish(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.object({ test: z.array(z.string()).optional(), timeout: z.string().optional() }).optional(),
  ports: z.array(z.object({ host_ip: z.string().optional(), target: z.number() })).default([]),
  restart: z.string().optional(),
  secrets: z.array(z.object({ source: z.string(), target: z.string().optional() })).default([]),
  stop_grace_period: z.string().optional(),
  volumes: z.array(z.object({ type: z.string(), source: z.string(), target: z.string() })).default([]),
});
export type Service = Readonly<z.infer<typeof SERVICE>>;

const COMPOSE_FILE = z.object({
  services: z.record(z.string(), SERVICE),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<z.infer<typeof COMPOSE_FILE>['secrets']>;
  service(name: string): Service;
}

/** @throws when Docker Compose does not accept the file as it is, without any setting; the message is Docker's */
export async function readComposeFile(compose: string, root: string): Promise<ComposeFile> {
  const { stdout } = await run(compose, ['--env-file', '/dev/null', 'config', '--format', 'json'], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  });
  const { services, secrets } = COMPOSE_FILE.parse(JSON.parse(stdout));
  return {
    services,
    secrets,
    service(name) {
      const service = services[name];
      if (!service)
        throw new Error(`docker-compose.yml has no service ${name}; it has ${Object.keys(services).join(', ')}.`);
      return service;
    },
  };
}

/**
 * A service's command and environment, with what is mounted into its container at its place on this machine.
 * @param secretsFolder where the files of its secrets are, by their names
 */
export function asMounted(
  { command, environment, volumes, secrets }: Service,
  secretsFolder: string,
): {
  command: string[];
  environment: Record<string, string>;
} {
  const binds = [
    ...volumes.filter(({ type }) => type === 'bind'),
    ...(secrets.length > 0 ? [{ source: secretsFolder, target: '/run/secrets' }] : []),
  ];
  const locate = (text: string): string =>
    binds.reduce(
      (path, { source, target }) => (path.startsWith(`${target}/`) ? source + path.slice(target.length) : path),
      text,
    );
  return {
    command: (command ?? []).map(locate),
    environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, locate(value)])),
  };
}

export interface Image {
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/** The last stage of the Dockerfile. */
export async function readDockerfile(path: string): Promise<Image> {
  const stage = (await readFile(path, 'utf8')).split(/^FROM /m).at(-1) ?? '';
  const variables = /^ENV (.+)$/m.exec(stage)?.[1]?.split(' ') ?? [];
  return {
    environment: Object.fromEntries(variables.map((variable) => variable.split('=', 2))) as Record<string, string>,
    command: execForm(/^CMD (\[.+\])$/m.exec(stage)?.[1], 'CMD'),
    healthcheck: execForm(/^HEALTHCHECK [^[]*CMD (\[.+\])$/m.exec(stage)?.[1], 'HEALTHCHECK'),
  };
}

/** With a shell between them, signals would not reach the process. */
function execForm(json: string | undefined, instruction: string): string[] {
  if (json === undefined) throw new Error(`The Dockerfile's ${instruction} is missing or not in exec form.`);
  return z.array(z.string()).parse(JSON.parse(json));
}

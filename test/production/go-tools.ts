/** Programs that are published as Go modules, built once into a cache. Without Docker they are what the images would bring. */
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface GoTool {
  readonly name: string;
  readonly module: string;
  /** Below the module. */
  readonly package: string;
  readonly version: string;
  readonly tags?: string;
}

/** The versions that docker-compose.yml names as images. */
export const TEMPORAL_VERSION = '1.32.0';

export const TEMPORAL_SERVER: GoTool = {
  name: 'temporal-server',
  module: 'go.temporal.io/server',
  package: 'cmd/server',
  version: TEMPORAL_VERSION,
  // Leaves out what only an archive in Google's cloud needs.
  tags: 'disable_grpc_modules',
};

export const TEMPORAL_SQL_TOOL: GoTool = { ...TEMPORAL_SERVER, name: 'temporal-sql-tool', package: 'cmd/tools/sql' };

/** Reads a compose file as `docker compose` does, without an engine: interpolation, schema and consistency. */
export const DOCKER_COMPOSE: GoTool = {
  name: 'docker-compose',
  module: 'github.com/docker/compose/v2',
  package: 'cmd',
  version: '2.40.3',
};

/** @returns the path of the program, whose name is the tool's */
export async function goTool(tool: GoTool, cache: string): Promise<string> {
  const folder = join(cache, `${tool.name}-${tool.version}`);
  const program = join(folder, tool.name);
  const isThere = await access(program).then(
    () => true,
    () => false,
  );
  if (isThere) return program;
  process.stdout.write(`  building ${tool.name} ${tool.version} with Go (once; minutes) …\n`);
  await mkdir(cache, { recursive: true });
  const building = await mkdtemp(join(cache, 'building-'));
  try {
    // In a module of its own: `go install` refuses modules that exclude versions of others.
    await go(building, 'mod', 'init', 'holdfast.test/tools');
    await go(building, 'get', `${tool.module}/${tool.package}@v${tool.version}`);
    await go(building, 'build', '-tags', tool.tags ?? '', '-o', tool.name, `${tool.module}/${tool.package}`);
    await rm(folder, { recursive: true, force: true });
    await rename(building, folder);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return program;
}

async function go(cwd: string, ...args: string[]): Promise<void> {
  try {
    await run('go', args, { cwd, env: { ...process.env, CGO_ENABLED: '0' }, maxBuffer: 2 ** 26 });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error(
        'This needs Go 1.26 (https://go.dev/dl) to build Temporal and Docker Compose with: there is no `go` on PATH.',
        {
          cause: error,
        },
      );
    throw error;
  }
}

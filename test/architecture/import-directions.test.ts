/** Who may import whom is held by lint; that each rule really fires is held by this. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const ALL = [
  'contract',
  'job',
  'kinds',
  'demo',
  'workflows',
  'activities',
  'temporal',
  'worker',
  'runner',
  'process',
  'config',
  'web',
  'dev',
  'cli',
  'testing',
];

/** [folder or file, what it imports, whether lint lets it]. Everything is imported for its value unless it says `type`. */
const IMPORTS: readonly (readonly [string, string, 'refused' | 'allowed'])[] = [
  ['contract', "{ readFile } from 'node:fs/promises'", 'refused'],
  ['contract', "{ join } from 'path'", 'refused'],
  ['contract', "{ x } from '../temporal/x.ts'", 'refused'],
  ['contract', "{ x } from '../web/x.ts'", 'refused'],
  ['contract', "{ x } from './schemas/x.ts'", 'allowed'],
  ['job', "{ readFile } from 'node:fs/promises'", 'refused'],
  ['job', "{ x } from '../contract/x.ts'", 'allowed'],
  ['job', "{ x } from '../kinds/x.ts'", 'refused'],
  ['job', "{ x } from '../temporal/x.ts'", 'refused'],
  ['job/group', "{ x } from '../../workflows/x.ts'", 'refused'],
  ['kinds', "{ readFile } from 'node:fs/promises'", 'refused'],
  ['kinds/load-config.ts', "{ readFile } from 'node:fs/promises'", 'allowed'],
  ['kinds', "{ x } from '../contract/schemas/x.ts'", 'allowed'],
  ['kinds', "{ x } from '../job/x.ts'", 'allowed'],
  ['kinds', "{ z } from 'zod'", 'allowed'],
  ...['workflows', 'activities', 'temporal', 'worker', 'runner', 'web', 'config', 'process', 'dev', 'demo'].map(
    (other) => ['kinds', `{ x } from '../${other}/x.ts'`, 'refused'] as const,
  ),
  ['testing', "{ x } from '../worker/x.ts'", 'allowed'],
  ['testing', "{ x } from '../web/x.ts'", 'refused'],
  ['demo', "{ x } from '../kinds/x.ts'", 'allowed'],
  ['demo/jobs', "{ x } from '../../kinds/x.ts'", 'allowed'],
  ['demo/jobs', "{ readFile } from 'node:fs/promises'", 'allowed'],
  ...['contract', 'job', 'workflows', 'activities', 'temporal', 'worker', 'runner', 'web', 'process', 'dev'].map(
    (other) => ['demo', `{ x } from '../${other}/x.ts'`, 'refused'] as const,
  ),
  ...['contract', 'kinds', 'temporal', 'worker', 'runner', 'web', 'config', 'process', 'dev', 'demo'].map(
    (other) => ['cli', `{ x } from '../${other}/x.ts'`, 'allowed'] as const,
  ),
  ['workflows', "{ setTimeout } from 'node:timers/promises'", 'refused'],
  ['workflows', "{ z } from 'zod'", 'refused'],
  ['workflows', "{ x } from '../contract/schemas/x.ts'", 'refused'],
  ['workflows', "type { x } from '../contract/schemas/x.ts'", 'allowed'],
  ['workflows', "{ x } from '../activities/x.ts'", 'refused'],
  ['workflows', "type { x } from '../activities/x.ts'", 'allowed'],
  ['workflows', "{ x } from '../temporal/x.ts'", 'refused'],
  ['workflows', "{ x } from '../contract/x.ts'", 'allowed'],
  ['workflows', "{ x } from '@temporalio/workflow'", 'allowed'],
  ['activities', "{ x } from '../workflows/x.ts'", 'refused'],
  ['activities', "{ x } from '../web/x.ts'", 'refused'],
  ['activities', "{ readFile } from 'node:fs/promises'", 'allowed'],
  ['temporal', "{ x } from '../activities/x.ts'", 'refused'],
  ['temporal', "{ x } from '../worker/x.ts'", 'refused'],
  ['temporal', "{ x } from '../web/x.ts'", 'refused'],
  ['temporal', "{ x } from '../contract/schemas/x.ts'", 'allowed'],
  ['temporal', "{ x } from '../process/x.ts'", 'refused'],
  ['temporal', "{ x } from '../kinds/x.ts'", 'allowed'],
  ['worker', "{ x } from '../web/x.ts'", 'refused'],
  ['worker', "{ x } from '../dev/x.ts'", 'refused'],
  ['worker', "{ x } from '../process/x.ts'", 'allowed'],
  ['process', "{ x } from '../contract/x.ts'", 'refused'],
  ['process', "{ x } from '../dev/x.ts'", 'refused'],
  ['process', "{ x } from '../config.ts'", 'allowed'],
  ['worker', "{ x } from '../activities/x.ts'", 'allowed'],
  ['worker', "{ x } from '../runner/x.ts'", 'refused'],
  ['worker', "type { x } from '../runner/x.ts'", 'allowed'],
  ['worker', "{ x } from '../runner/messages.ts'", 'allowed'],
  ['worker', "{ x } from '../../runner/lines.ts'", 'allowed'],
  ['runner', "{ x } from '../contract/x.ts'", 'allowed'],
  ['runner', "{ x } from '../job/x.ts'", 'allowed'],
  ['runner', "{ x } from '../kinds/x.ts'", 'allowed'],
  ['runner', "{ x } from '../process/x.ts'", 'allowed'],
  ['runner', "{ x } from '../config/x.ts'", 'refused'],
  ['runner', "{ x } from '../activities/x.ts'", 'refused'],
  ['runner', "type { x } from '../activities/x.ts'", 'allowed'],
  ['runner', "{ x } from '../worker/x.ts'", 'refused'],
  ['runner', "{ x } from '../temporal/x.ts'", 'refused'],
  ['runner', "{ x } from '../workflows/x.ts'", 'refused'],
  ['runner', "{ x } from '@temporalio/worker'", 'refused'],
  ['runner', "{ x } from '@temporalio/common'", 'allowed'],
  ...['contract', 'workflows', 'activities', 'temporal', 'web'].map(
    (folder) => [folder, "{ x } from '../runner/x.ts'", 'refused'] as const,
  ),
  ['web', "{ x } from '../worker/x.ts'", 'refused'],
  ['web', "{ x } from '../activities/x.ts'", 'refused'],
  ['web', "type { x } from '../activities/x.ts'", 'refused'],
  ['web', "{ x } from '../workflows/x.ts'", 'refused'],
  ['web', "type { x } from '../workflows/x.ts'", 'allowed'],
  ['web', "{ x } from '../temporal/x.ts'", 'allowed'],
  ['web', "{ x } from '../kinds/x.ts'", 'allowed'],
  ['process', "{ x } from '../job/x.ts'", 'refused'],
  ...['workflows', 'activities', 'process'].map((folder) => [folder, "{ x } from '../kinds/x.ts'", 'refused'] as const),
  ...['contract', 'job', 'workflows', 'activities', 'temporal', 'worker', 'runner', 'web', 'process'].map(
    (folder) => [folder, "{ x } from '../demo/x.ts'", 'refused'] as const,
  ),
  ...ALL.flatMap((folder) =>
    ['bin', 'test', 'bench'].map((outside) => [folder, `{ x } from '../../${outside}/x.ts'`, 'refused'] as const),
  ),
  ...ALL.map((folder) => [folder, "{ x } from '../cli/x.ts'", folder === 'cli' ? 'allowed' : 'refused'] as const),
  ['client.ts', "{ x } from './cli/x.ts'", 'refused'],
];

let folder: string;
/** `file: rule` of everything that lint complains of. */
let complaints: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-imports-'));
  await cp(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const [n, [place, what]] of IMPORTS.entries()) {
    const file = join(folder, fileName(n, place));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `import ${what};\n`);
  }
  complaints = await lint(folder);
}, 60_000);

afterAll(async () => rm(folder, { recursive: true }));

function fileName(n: number, place: string): string {
  return place.endsWith('.ts') ? `src/${place}` : `src/${place}/case-${n}.ts`;
}

async function lint(cwd: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  // It finds something, so it exits with 1.
  execFile(join(ROOT, 'node_modules/.bin/oxlint'), ['--format=unix', 'src'], { cwd }, (_error, stdout) =>
    resolve(stdout),
  );
  return promise;
}

test.each(IMPORTS.map(([place, what, verdict], n) => [`src/${place}`, what, verdict, fileName(n, place)] as const))(
  '%s, import %s: %s',
  (_place, _what, verdict, file) => {
    const restricted = complaints
      .split('\n')
      .filter((line) => line.includes(`${file}:`) && line.includes('no-restricted-imports'));
    expect(restricted).toHaveLength(verdict === 'refused' ? 1 : 0);
  },
);

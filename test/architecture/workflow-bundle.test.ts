/** Workflow code is sealed: whatever is reachable from it must run in Temporal's sandbox. */
import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { expect, test } from 'vitest';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));
const WORKFLOWS = join(SOURCES, 'workflows');
const logger = new DefaultLogger('ERROR', () => undefined);

test('workflow code stays inside the sandbox', async () => {
  const { code } = await bundleWorkflowCode({ workflowsPath: join(WORKFLOWS, 'index.ts'), logger });
  // 0.8 MB, most of it Temporal's: a jump means that a library slipped in. Its source map holds every comment, and is no measure.
  expect(code.indexOf('//# sourceMappingURL')).toBeGreaterThan(0);
  expect(code.indexOf('//# sourceMappingURL')).toBeLessThan(880_000);
}, 30_000);

test('modules that workflows share keep no state', async () => {
  const files = await Array.fromAsync(glob(['workflows/**/*.ts', 'contract/**/*.ts', 'job/**/*.ts'], { cwd: SOURCES }));
  expect(files.length).toBeGreaterThan(40);
  // What one workflow left there, another would find, and a replay would not: only what never changes is at the top of a module.
  const changeable =
    /^(export )?((let|var) .*|const \w+(: (?!Readonly)[^=]+)? = (new (Map|Set|WeakMap|WeakSet|Array)\b|\[\]|\{\}).*)/gm;
  for (const file of files) {
    const source = await readFile(join(SOURCES, file), 'utf8');
    expect({ file, state: source.match(changeable) ?? [] }).toEqual({ file, state: [] });
  }
  expect(
    'let count = 0;\nconst seen = new Map<string, number>();\nconst all: string[] = [];'.match(changeable),
  ).toHaveLength(3);
});

test('an import of Node that is reachable from a workflow is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-sealed-'));
  try {
    const hidden =
      "import { readFileSync } from 'node:fs';\nexport const hidden = () => readFileSync('/etc/hostname');\n";
    await writeFile(join(folder, 'hidden.ts'), hidden);
    await writeFile(
      join(folder, 'index.ts'),
      "import { hidden } from './hidden.ts';\nexport const W = async () => hidden();\n",
    );
    await expect(bundleWorkflowCode({ workflowsPath: join(folder, 'index.ts'), logger })).rejects.toThrow(
      'Webpack finished with errors',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}, 30_000);

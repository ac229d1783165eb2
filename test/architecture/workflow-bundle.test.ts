/** Workflow code is sealed: whatever is reachable from it must run in Temporal's sandbox. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { expect, test } from 'vitest';

const WORKFLOWS = fileURLToPath(new URL('../../src/workflows/', import.meta.url));
const logger = new DefaultLogger('ERROR', () => undefined);

test('workflow code stays inside the sandbox', async () => {
  const { code } = await bundleWorkflowCode({ workflowsPath: join(WORKFLOWS, 'index.ts'), logger });
  // 1.8 MB in 0.1: a jump means that a library slipped in.
  expect(code.length).toBeLessThan(2_200_000);
}, 30_000);

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

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryHome extends AsyncDisposable {
  readonly path: string;
}

/** A folder of the test's own, gone with the test. */
export async function temporaryHome(parent: string = tmpdir()): Promise<TemporaryHome> {
  const path = await mkdtemp(join(parent, 'holdfast-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A service's own files: found where people put them, and what is wrong with them said in a sentence. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigFileError, findConfigFile, loadConfigFile } from '../../src/kinds/load-config.ts';
import { temporaryHome } from '../support/temporary-home.ts';

const USABLE = 'export default { jobs: [{ kind: "A", args: {} }] };\n';

async function load(name: string, source: string) {
  await using home = await temporaryHome();
  await writeFile(join(home.path, name), source);
  return await loadConfigFile(findConfigFile(home.path));
}

test.each(['holdfast.config.ts', 'holdfast.config.mts', 'holdfast.config.js', 'holdfast.config.mjs'])(
  '%s is found and loaded',
  async (name) => {
    expect(await load(name, USABLE)).toEqual({ jobs: [{ kind: 'A', args: {} }] });
  },
);

test('one that is named is taken, from the folder that it is named in', async () => {
  await using home = await temporaryHome();
  await writeFile(join(home.path, 'other.ts'), USABLE);
  expect(findConfigFile(home.path, 'other.ts')).toBe(join(home.path, 'other.ts'));
  expect(findConfigFile('/', join(home.path, 'other.ts'))).toBe(join(home.path, 'other.ts'));
  expect(() => findConfigFile(home.path, 'none.ts')).toThrow(`There is no ${join(home.path, 'none.ts')}`);
});

test('where there is none, it is said how to make one', async () => {
  await using home = await temporaryHome();
  expect(() => findConfigFile(home.path)).toThrow(ConfigFileError);
  expect(() => findConfigFile(home.path)).toThrow('export default defineConfig({ jobs: [ … ] })');
});

test.each([
  ['no default export', 'export const jobs = [];\n', 'has no usable default export'],
  ['jobs that are no list', 'export default { jobs: {} };\n', 'has no usable default export'],
  [
    'a job that is none',
    'export default { jobs: [{ kind: "A", args: {} }, {}] };\n',
    'number 2 is not made by defineJob',
  ],
  ['nothing among its jobs', 'export default { jobs: [undefined] };\n', 'number 1 is not made by defineJob'],
  ['an error of its own', 'throw new Error("no DATABASE_URL");\n', 'cannot be loaded: no DATABASE_URL'],
  ['an import that is not there', 'import "./jobs/none.ts";\n', 'Import files by their whole names'],
])('a file with %s is refused', async (_, source, says) => {
  const loading = load('holdfast.config.mjs', source);
  await expect(loading).rejects.toThrow(ConfigFileError);
  await expect(loading).rejects.toThrow(says);
});

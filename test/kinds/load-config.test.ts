/** Configurations as people write them, loaded by Node itself: the test runner would compile what Node cannot. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigFileError, findConfigFile } from '../../src/kinds/load-config.ts';

const LOADER = fileURLToPath(new URL('../../src/kinds/load-config.ts', import.meta.url));
const A_JOB = "{ kind: 'A', args: { '~standard': {} } }";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-config-'));
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

/** @returns the folder that the files are in */
async function write(files: Readonly<Record<string, string>>): Promise<string> {
  const place = await mkdtemp(join(folder, 'service-'));
  for (const [name, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
    await mkdir(dirname(join(place, name)), { recursive: true });
    await writeFile(join(place, name), text);
  }
  return place;
}

/** @returns what it is, or why not, with `HERE` for its folder */
async function load(files: Readonly<Record<string, string>>, name = 'holdfast.config.ts'): Promise<string> {
  const place = await write(files);
  const program = `
    import { loadConfigFile } from ${JSON.stringify(LOADER)};
    await loadConfigFile(${JSON.stringify(join(place, name))}).then(
      ({ jobs }) => console.log(jobs.map(({ kind }) => kind).join()),
      ({ name, message }) => console.log(name + ': ' + message),
    );`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return stdout.trim().replaceAll(place, 'HERE');
}

describe('a configuration is found', () => {
  test.each(['holdfast.config.ts', 'holdfast.config.mts', 'holdfast.config.js', 'holdfast.config.mjs'])(
    'as %s in the folder',
    async (name) => {
      const place = await write({ [name]: '' });
      expect(findConfigFile(place)).toBe(join(place, name));
    },
  );

  test('in TypeScript before JavaScript, which may be what was made of it', async () => {
    const place = await write({ 'holdfast.config.js': '', 'holdfast.config.ts': '' });
    expect(findConfigFile(place)).toBe(join(place, 'holdfast.config.ts'));
  });

  test('by its path from that folder', async () => {
    const place = await write({ 'dist/mails.js': '' });
    expect(findConfigFile(place, 'dist/mails.js')).toBe(join(place, 'dist/mails.js'));
    expect(findConfigFile('/nowhere', join(place, 'dist/mails.js'))).toBe(join(place, 'dist/mails.js'));
  });

  test('or not, and then it is said what to do', async () => {
    const place = await write({});
    expect(() => findConfigFile(place)).toThrow(ConfigFileError);
    expect(() => findConfigFile(place)).toThrow(
      `There is no holdfast.config.ts in ${place}. Make one that says: export default defineConfig(`,
    );
    expect(() => findConfigFile(place, 'mails.ts')).toThrow(`There is no ${join(place, 'mails.ts')}, which is to be`);
  });
});

describe('a configuration is loaded', () => {
  test('with the TypeScript that it imports', async () => {
    const files = {
      'holdfast.config.ts': `import { a } from './jobs/a.ts'; export default { jobs: [a] };`,
      'jobs/a.ts': `export const a: object = ${A_JOB};`,
    };
    expect(await load(files)).toBe('A');
  });

  test.each([
    [
      'nothing is its default export',
      'export const config = { jobs: [] };',
      'HERE/holdfast.config.ts has no usable default export',
    ],
    [
      'its default export has no jobs',
      'export default { job: [] };',
      'has no usable default export: it must be defineConfig({',
    ],
    [
      'a job is none',
      `export default { jobs: [${A_JOB}, async () => {}] };`,
      'lists jobs, of which number 2 is not made by defineJob()',
    ],
    ['a job is missing', 'export default { jobs: [undefined] };', 'of which number 1 is not made by defineJob()'],
    ['it throws', "\n\nthrow new Error('no DATABASE_URL');", 'cannot be loaded: no DATABASE_URL (line 3)'],
    ['it throws what is no error', "throw 'no database';", 'cannot be loaded: no database'],
    ['it is no TypeScript', 'export default { jobs: [ };', 'cannot be loaded: Expression expected (line 1)'],
    [
      'it has an enum',
      'enum Mail { Invoice }',
      'Node only strips types: write enums, namespaces and parameter properties otherwise',
    ],
    [
      'it has a namespace',
      'namespace Mail { export const a = 1; }',
      'or compile and use --config dist/holdfast.config.js',
    ],
    ['it has a parameter property', 'class A { constructor(readonly a: number) {} }', 'Node only strips types'],
    ['it has a decorator', 'const d = () => {}; @d class A {}', 'If that is a decorator: Node only strips types'],
    ['it imports without an ending', "import './jobs/a';", 'Import files by their whole names (./jobs/a.ts)'],
    ['it imports a folder', "import './jobs';", 'Import files by their whole names'],
    ['it imports by an alias', "import '@/jobs/a';", 'compile .tsx and path aliases before'],
    ['it imports .tsx', "import './jobs/mail.tsx';", 'compile .tsx and path aliases before'],
    [
      'it imports a type like a value',
      "import { Invoice } from './jobs/a.ts';",
      'If that is a type, import it by "import type"',
    ],
  ])('unless %s', async (_what, text, message) => {
    const jobs = { 'jobs/a.ts': 'export type Invoice = string;', 'jobs/mail.tsx': '' };
    const said = await load({ ...jobs, 'holdfast.config.ts': text });
    expect(said).toContain('ConfigFileError: HERE/holdfast.config.ts');
    expect(said).toContain(message);
  });

  test('or the file that stands in the way is named', async () => {
    const files = { 'holdfast.config.ts': "import './jobs/a.ts';", 'jobs/a.ts': '\nenum Mail { Invoice }' };
    expect(await load(files)).toContain(
      'is not supported in strip-only mode (HERE/jobs/a.ts:2). Node only strips types',
    );
  });

  test('or it is said that the package is no module', async () => {
    const files = {
      'package.json': '{ "type": "commonjs" }',
      'jobs/a.mts': '',
      'holdfast.config.ts': "import './jobs/a.mts';",
    };
    expect(await load(files)).toContain('Put "type": "module" into package.json, or give the file the ending .mts');
  });
});

import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { jobLifecycle } from '../../src/dev/job-lifecycle.ts';
import { limits } from '../../src/dev/limits.ts';

const read = async (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

test.each([
  ['docs/job-lifecycle.md', jobLifecycle],
  ['docs/limits.md', limits],
])('%s is what the code says; after a change, run npm run docs', async (page, written) => {
  expect(await read(page)).toBe(written());
});

test('docs/architecture.md has a word on every part of src/', async () => {
  const text = await read('docs/architecture.md');
  const entries = await readdir(new URL('../../src/', import.meta.url), { withFileTypes: true });
  for (const entry of entries) expect(text).toContain(entry.isDirectory() ? `src/${entry.name}/` : `src/${entry.name}`);
});

test('README, CONTRIBUTING and docs link only to files that exist', async () => {
  const docs = (await readdir(new URL('../../docs/', import.meta.url))).filter((name) => name.endsWith('.md'));
  const pages = ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)];
  for (const page of pages) {
    const folder = page.includes('/') ? 'docs/' : '';
    const links = [...(await read(page)).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => `${folder}${link}`);
    for (const link of links) await expect(read(link), `${page} links to ${link}`).resolves.toBeDefined();
  }
});

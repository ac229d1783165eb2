/** Style sheet, scripts and pictures, read once. Their address holds a hash of all of them, so browsers may keep them for good. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('assets/', import.meta.url));
/** Served as it is published: its module form needs no build step. */
const IDIOMORPH = fileURLToPath(import.meta.resolve('idiomorph'));

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface Asset {
  readonly content: Buffer<ArrayBuffer>;
  readonly type: string;
}

export interface Assets {
  readonly version: string;
  path(name: string): string;
  find(name: string): Asset | undefined;
}

export function readAssets(): Assets {
  const files = readdirSync(FOLDER).map((name) => ({ name, path: join(FOLDER, name) }));
  files.push({ name: 'idiomorph.js', path: IDIOMORPH });
  const hash = createHash('sha256');
  const assets = new Map<string, Asset>();
  for (const { name, path } of files.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const type = TYPES[extname(name)];
    if (type === undefined) throw new Error(`src/web/assets holds ${name}, whose media type assets.ts does not know.`);
    const content = readFileSync(path);
    hash.update(name).update(content);
    assets.set(name, { content, type });
  }
  const version = hash.digest('hex').slice(0, 12);
  return {
    version,
    path: (name) => `/assets/${version}/${name}`,
    find: (name) => assets.get(name),
  };
}

/** No circle of imports, of types neither: a file can be understood before those that use it. Lint sees circles of values only. */
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));
const IMPORT = /\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g;

type Graph = ReadonlyMap<string, readonly string[]>;

async function importsOfAll(): Promise<Graph> {
  const files = await Array.fromAsync(glob('**/*.{ts,tsx}', { cwd: SOURCES }));
  const graph = new Map<string, readonly string[]>();
  for (const file of files) {
    const text = await readFile(join(SOURCES, file), 'utf8');
    graph.set(
      file,
      [...text.matchAll(IMPORT)].map(([, path = '']) => normalize(join(dirname(file), path))),
    );
  }
  return graph;
}

/** @returns the files of the first circle that is found, in their order */
function circleIn(graph: Graph): readonly string[] | undefined {
  const isDone = new Set<string>();
  const visit = (file: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (isDone.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next, [...way, file]);
      if (circle) return circle;
    }
    isDone.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
}

test('nothing in src/ imports itself by way of others', async () => {
  const graph = await importsOfAll();
  expect(graph.size).toBeGreaterThan(150);
  expect(circleIn(graph)).toBeUndefined();
});

test('a circle would be found', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', []],
    ['d', ['b']],
  ]);
  expect(circleIn(graph)).toEqual(['b', 'd', 'b']);
});

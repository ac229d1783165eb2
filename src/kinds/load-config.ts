/** Finds and loads a service's `holdfast.config`. Node runs TypeScript as it is, as far as types can be stripped (docs/jobs.md). */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HoldfastConfig } from './define-config.ts';

const NAMES = ['ts', 'mts', 'js', 'mjs'].map((ending) => `holdfast.config.${ending}`);

/** What stands in the way is in the service's own files; the message says where. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
}

/** @param named a path, instead of the first file of the usual names in `folder` @returns an absolute path @throws {ConfigFileError} */
export function findConfigFile(folder: string, named?: string): string {
  if (named !== undefined) {
    const path = resolve(folder, named);
    if (!existsSync(path)) throw new ConfigFileError(`There is no ${path}, which is to be the configuration.`);
    return path;
  }
  const found = NAMES.map((name) => resolve(folder, name)).find((path) => existsSync(path));
  if (found === undefined)
    throw new ConfigFileError(
      `There is no holdfast.config.ts in ${folder}. Make one that says: export default defineConfig({ jobs: [ … ] }), or name another file with --config.`,
    );
  return found;
}

/** @throws {ConfigFileError} */
export async function loadConfigFile(path: string): Promise<HoldfastConfig> {
  const loaded = await importFile(path);
  const config = loaded.default as Partial<HoldfastConfig> | undefined;
  if (!Array.isArray(config?.jobs))
    throw new ConfigFileError(`${path} has no usable default export: it must be defineConfig({ jobs: [ … ] }).`);
  const unusable = config.jobs.findIndex(
    (job) => typeof job?.kind !== 'string' || (typeof job?.args !== 'object' && typeof job?.args !== 'function'),
  );
  if (unusable !== -1)
    throw new ConfigFileError(`${path} lists jobs, of which number ${unusable + 1} is not made by defineJob().`);
  return config as HoldfastConfig;
}

async function importFile(path: string): Promise<{ readonly default?: unknown }> {
  try {
    return (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigFileError(`${path} cannot be loaded: ${why}${placeOf(error, path)}${hint(error)}`, {
      cause: error,
    });
  }
}

/** Which file it is about, where that is another one, or a line that is known. Node has it in the stack alone. */
function placeOf(error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, file, line] = /(?:^|at |\()(?:file:\/\/)?(\/[^\s()]+?):(\d+)/m.exec(stack) ?? [];
  if (file === undefined || file.includes('/node_modules/holdfast/')) return '';
  return file === path ? ` (line ${line})` : ` (${file}:${line})`;
}

const COMPILE = 'or compile and use --config dist/holdfast.config.js';
const HINTS: readonly (readonly [said: RegExp, hint: string])[] = [
  [
    /ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX/,
    `Node only strips types: write enums, namespaces and parameter properties otherwise, ${COMPILE}`,
  ],
  [/Invalid or unexpected token/, `If that is a decorator: Node only strips types, so write it otherwise, ${COMPILE}`],
  [
    /ERR_UNKNOWN_FILE_EXTENSION|ERR_MODULE_NOT_FOUND|ERR_UNSUPPORTED_DIR_IMPORT/,
    'Import files by their whole names (./jobs/a.ts), and compile .tsx and path aliases before',
  ],
  [/does not provide an export named/, 'If that is a type, import it by "import type"'],
  [
    /import statement outside a module|Unexpected token 'export'/,
    'Put "type": "module" into package.json, or give the file the ending .mts',
  ],
];

function hint(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const said = `${'code' in error ? String(error.code) : ''} ${error.message}`;
  const found = HINTS.find(([pattern]) => pattern.test(said));
  return found ? `. ${found[1]}` : '';
}

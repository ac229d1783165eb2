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
    throw new ConfigFileError(`${path} cannot be loaded: ${why}${hint(error)}`, { cause: error });
  }
}

function hint(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return '. Node only strips types: write enums, namespaces and parameter properties otherwise, or compile and use --config dist/holdfast.config.js';
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_MODULE_NOT_FOUND')
    return '. Import files by their whole names (./jobs/a.ts), and compile .tsx and path aliases before';
  return '';
}

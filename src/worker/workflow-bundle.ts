/** The workflow code that every worker runs: built at its start in development, by `npm run build` for production. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundleWorkflowCode, DefaultLogger, type BundleOptions } from '@temporalio/worker';
import { MachineError } from '../process/errors.ts';

const WORKFLOWS = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
const PAYLOAD_CONVERTER = fileURLToPath(new URL('../workflows/lib/payload-converter.ts', import.meta.url));

/** Where `npm run build` puts the bundle: at the root of what it builds. */
export const BUILT_BUNDLE = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

export interface BundleSettings {
  readonly production: boolean;
  /** Folder that a bundle is built into in development. */
  readonly home: string;
  /** Script that builds a bundle at the path it is given: in a process of its own, since a bundler leaves 150 MB behind. */
  readonly builder: string;
}

/** @returns the path of the bundle, built afresh in development @throws {MachineError} when production is to start from one that is not there */
export async function prepareBundle({ production, home, builder }: BundleSettings): Promise<string> {
  // What is built is complete, also where somebody develops a service with it.
  if (!production && import.meta.url.endsWith('.ts')) {
    const path = join(home, 'workflow-bundle.js');
    await promisify(execFile)(process.execPath, [builder, path]);
    return path;
  }
  // Bundling at start would hide that the image was built wrong, and cost a second at every restart.
  if (!existsSync(BUILT_BUNDLE))
    throw new MachineError(`There is no workflow bundle at ${BUILT_BUNDLE}: run "npm run build" first.`);
  return BUILT_BUNDLE;
}

/** Written beside its place and then moved there: another worker may be reading it. */
export async function buildBundle(path: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    payloadConverterPath: PAYLOAD_CONVERTER,
    logger: new DefaultLogger('WARN'),
    // Shared by all workflows of a process; else each would load every module anew, keep it in memory, and run it cold. So modules
    // keep no state (test/architecture/workflow-bundle.test.ts).
    preloadModules: [WORKFLOWS],
    webpackConfigHook: withoutDownlevelling,
  });
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, code);
  await rename(temporary, path);
  return path;
}

type WebpackConfig = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];

/**
 * The bundler turns each object spread into a call of a helper, for the sake of Node versions long gone: folding a job took three
 * times as long (SDK 1.24).
 */
function withoutDownlevelling(config: WebpackConfig): WebpackConfig {
  for (const rule of config.module?.rules ?? []) {
    if (typeof rule !== 'object' || rule === null || typeof rule.use !== 'object' || !('options' in rule.use)) continue;
    const { options } = rule.use;
    if (typeof options === 'object' && 'jsc' in options) Object.assign(options.jsc, { target: 'es2022' });
  }
  return config;
}

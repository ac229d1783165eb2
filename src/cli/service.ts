/** What every command says of the service that it serves. */
import type { Programs } from '../config/programs.ts';
import { findConfigFile } from '../kinds/load-config.ts';

export interface Service {
  /** How people call the command: `holdfast work`, `bin/hard_worker`. */
  readonly name: string;
  /** How people call the others. @default as those of the package */
  readonly programs?: Programs;
  /** Path of its configuration. @default the file of the usual name in the folder that the command runs in */
  readonly configFile?: string;
}

export const CONFIG_OPTION = [
  '--config <file>',
  'the service’s configuration (default: holdfast.config.ts here)',
] as const;

/** @throws {ConfigFileError} */
export function configFileOf({ configFile }: Service, named: string | undefined): string {
  return configFile !== undefined && named === undefined ? configFile : findConfigFile(process.cwd(), named);
}

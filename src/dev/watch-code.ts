/** Watches the code of a service while somebody writes it. */
import { extname } from 'node:path';
import { watch } from 'chokidar';

export interface WatchedCode {
  /** Absolute. */
  readonly folder: string;
  /** Entries that hold this code, and begin anew when it changes. */
  readonly entries: readonly string[];
}

const CODE: ReadonlySet<string> = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json']);
/** An editor writes a file in several steps, and a formatter once more. @format milliseconds */
const SETTLED_AFTER_MS = 200;

/** @param onChange told of the first file of a change @returns what ends it */
export function watchCode({ folder }: WatchedCode, onChange: (file: string) => void): AsyncDisposable {
  let waiting: NodeJS.Timeout | undefined;
  const watcher = watch(folder, {
    ignoreInitial: true,
    ignored: (path, stats) =>
      /(?:^|[\\/])(?:node_modules|\.[^\\/]+)(?:[\\/]|$)/.test(path.slice(folder.length)) ||
      (stats?.isFile() === true && !CODE.has(extname(path))),
  });
  watcher.on('all', (_event, file) => {
    if (!CODE.has(extname(file))) return;
    waiting ??= setTimeout(() => {
      waiting = undefined;
      onChange(file);
    }, SETTLED_AFTER_MS);
  });
  return {
    async [Symbol.asyncDispose]() {
      clearTimeout(waiting);
      await watcher.close();
    },
  };
}

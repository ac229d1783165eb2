import { ConfigError } from '../config/config.ts';

/** Thrown when this machine cannot run what was asked of it. The message says what is wrong and what to do; no stack trace helps. */
export class MachineError extends Error {
  override readonly name = 'MachineError';
}

/** What a system says of a file that cannot be used, by its code. */
const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full',
  EDQUOT: 'this user’s share of its disk is full',
  EROFS: 'its file system is read-only',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  ENOTDIR: 'a part of that path is a file and no folder',
  EEXIST: 'a part of that path is a file and no folder',
  EISDIR: 'it is a folder',
  // What Node says of a folder that cannot be made since its parent cannot.
  ENOENT: 'no folder can be made there',
  EIO: 'its disk does not work',
  EMFILE: 'this process has too many files open (ulimit -n)',
  ENFILE: 'this machine has too many files open',
};

/** Of an application's own files. They are told by name, since an application may have a copy of the module of its own. */
const OF_THE_APPLICATION: ReadonlySet<string> = new Set(['ConfigFileError', 'JobDefinitionError']);

/** Whether it stays so until somebody mends a file of the application. */
export function isOfTheApplication(error: unknown): boolean {
  return error instanceof Error && OF_THE_APPLICATION.has(error.name);
}

/** For a person at a terminal: the message alone when it was written for them, the stack when it is a fault of ours. */
export function describeError(error: unknown): string {
  if (error instanceof MachineError || error instanceof ConfigError) return error.message;
  if (error instanceof Error && isOfTheApplication(error)) return error.message;
  return fileProblem(error) ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** A sentence for what the system says of a file, `undefined` for any other error. @param path the file, where the error does not name it */
export function fileProblem(error: unknown, path?: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', syscall, path: named = path } = error as NodeJS.ErrnoException;
  const problem = code === 'ENOENT' && syscall !== 'mkdir' ? undefined : FILE_PROBLEMS[code];
  if (problem === undefined || named === undefined) return undefined;
  return (
    `Cannot use ${named}: ${problem} (${code}). Mend that and start again, ` +
    'or set HOLDFAST_HOME to another folder, in which Holdfast keeps its files.'
  );
}

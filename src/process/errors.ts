import { ConfigError } from '../config.ts';

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
  EIO: 'its disk does not work',
  EMFILE: 'this process has too many files open (ulimit -n)',
  ENFILE: 'this machine has too many files open',
};

/** For a person at a terminal: the message alone when it was written for them, the stack when it is a fault of ours. */
export function describeError(error: unknown): string {
  if (error instanceof MachineError || error instanceof ConfigError) return error.message;
  return fileProblem(error) ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
}

function fileProblem(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return undefined;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  const problem = FILE_PROBLEMS[code ?? ''];
  if (problem === undefined || (path === undefined && syscall !== 'write')) return undefined;
  return (
    `Cannot use ${path ?? 'a file'}: ${problem} (${code}). Mend that and start again, ` +
    'or set HOLDFAST_HOME to another folder, in which Holdfast keeps its files.'
  );
}

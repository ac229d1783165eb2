/** The Procfile format: one `name: command` a line, as every Procfile runner reads it. */
import { MachineError } from '../process/errors.ts';

export interface ProcfileEntry {
  readonly name: string;
  readonly command: string;
}

const ENTRY = /^(?<name>[\w-]+):\s*(?<command>\S.*)$/;

/** A shell that stays between us and the program would take its signals and hide how it ended. */
const SHELL_OPERATOR = /[;&|<>]/;

/** Blank lines and lines that begin with `#` are left out. @throws {MachineError} naming the first line that is neither, or that needs a shell to stay */
export function parseProcfile(text: string): ProcfileEntry[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const { name, command } = ENTRY.exec(trimmed)?.groups ?? {};
    if (name === undefined || command === undefined)
      throw new MachineError(`Procfile line ${index + 1} is not "name: command": ${trimmed}`);
    if (SHELL_OPERATOR.test(command))
      throw new MachineError(
        `Procfile line ${index + 1} holds a shell operator, so signals would not reach its program. Put it into a script: ${trimmed}`,
      );
    return [{ name, command }];
  });
}

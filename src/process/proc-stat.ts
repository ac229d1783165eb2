import { readFileSync } from 'node:fs';

/**
 * What Linux says of a process, field by field: the state first, when it started as the twentieth.
 * @throws when there is no such process
 */
export function procStat(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Before the state is the program's name in brackets, which may itself hold spaces and brackets.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

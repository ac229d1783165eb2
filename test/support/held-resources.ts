/** What a process holds that keeps it alive, or that would outlive it, and how two looks at it differ. */
import { readdirSync, readFileSync } from 'node:fs';
import { procStat } from '../../src/process/proc-stat.ts';

export interface Held {
  /** Kinds of what Node's event loop waits for, as often as there are of each. Timers that were unref'd are not among them. */
  readonly resources: readonly string[];
  /** Processes that this one started and that still run. */
  readonly children: readonly Child[];
}

interface Child {
  readonly pid: number;
  readonly command: string;
}

/** As a person calls what Node names by its classes. */
const WORDS: Readonly<Record<string, string>> = {
  Timeout: 'a timer',
  Immediate: 'an immediate',
  TCPServerWrap: 'a listening socket',
  TCPSocketWrap: 'a TCP connection',
  PipeWrap: 'a pipe',
  ProcessWrap: 'a process',
  FSEventWrap: 'a watched file',
  StatWatcher: 'a watched file',
};

export function heldNow(): Held {
  return { resources: process.getActiveResourcesInfo(), children: childrenOf(process.pid) };
}

/** @returns what `now` has beyond `before`, in words; none when nothing was left behind */
export function leftBehind(before: Held, now: Held): string[] {
  const known = new Set(before.children.map(({ pid }) => pid));
  const children = now.children.filter(({ pid }) => !known.has(pid));
  const counted = Map.groupBy(now.resources, (kind) => kind);
  const resources = [...counted].flatMap(([kind, { length }]) => {
    const more = length - before.resources.filter((each) => each === kind).length;
    // A child is told of below, with its command; here it would be told of twice.
    if (more <= 0 || (kind === 'ProcessWrap' && children.length > 0)) return [];
    return `${WORDS[kind] ?? 'something'} (${more} × ${kind})`;
  });
  return [...children.map(({ pid, command }) => `the process ${pid} (${command})`), ...resources];
}

/** Elsewhere than on Linux only Node tells of children, without their commands. */
function childrenOf(parent: number): Child[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((entry) => {
    const child = /^\d+$/.test(entry) ? readChild(Number(entry)) : undefined;
    return child?.parent === parent && child.state !== 'Z' ? { pid: child.pid, command: child.command } : [];
  });
}

function readChild(pid: number): (Child & { readonly parent: number; readonly state: string }) | undefined {
  try {
    const [state = '', parent] = procStat(pid);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, command: command.slice(0, 200), parent: Number(parent), state };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

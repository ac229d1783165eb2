/** Names of hosts, as a person writes them into a setting. */
import { isIPv6 } from 'node:net';
import { isWithin, readNetworks } from './networks.ts';

const LOOPBACK = readNetworks('127.0.0.0/8, ::1', () => {});

/** Whether it is this very machine, which no other reaches by that name. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || isWithin(LOOPBACK, host);
}

/**
 * Names by which browsers may reach a server, out of a list with commas, as `URL` spells them: in lower case, without brackets, international ones in Punycode.
 *
 * @param onProblem told what is wrong with a name, and what to write instead
 */
export function readHostNames(list: string, onProblem: (problem: string) => void): string[] {
  const names = list.split(',').map((name) => name.trim());
  return names.filter(Boolean).flatMap((name) => {
    const problem = problemWith(name);
    if (problem === undefined) return hostOf(name) ?? [];
    onProblem(`${name} ${problem}`);
    return [];
  });
}

/** A request is known by its host name alone: a name with anything beside it would never match one. */
function problemWith(name: string): string | undefined {
  if (name.includes('*')) return 'has a *; name each host';
  const scheme = /^[a-z][\w+.-]*:\/\//i.exec(name)?.[0];
  if (scheme !== undefined) return `has a scheme${insteadOf(name.slice(scheme.length).replace(/\/$/, ''))}`;
  if (!isIPv6(name) && /:\d*$/.test(name)) return `has a port${insteadOf(name)}`;
  return hostOf(name) === undefined ? 'is no host name' : undefined;
}

function insteadOf(name: string): string {
  const host = hostOf(isIPv6(name) ? name : name.replace(/:\d*$/, ''));
  return host === undefined ? '' : `; write ${host}`;
}

function hostOf(name: string): string | undefined {
  if (/[/?#@\\\s%]|^\.+$/.test(name)) return undefined;
  const url = URL.parse(`http://${isIPv6(name) ? `[${name}]` : name}`);
  return url?.port === '' ? url.hostname.replace(/^\[|\]$/g, '') : undefined;
}

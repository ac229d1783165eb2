/** The HTTP proxy on the way to Temporal. gRPC's variables name it, in lower case as gRPC reads them; a loopback address needs none. */
import type { Logger } from 'pino';
import { isLoopback } from './host-names.ts';
import { isWithin, readNetworks } from './networks.ts';

export interface Proxy {
  /** `host:port` */
  readonly address: string;
  /** The environment variable that names it. */
  readonly variable: string;
  readonly login: { readonly username: string; readonly password: string } | undefined;
}

const PROXY_VARIABLES = ['grpc_proxy', 'https_proxy', 'http_proxy'] as const;
const EXCEPTION_VARIABLES = ['no_grpc_proxy', 'no_proxy'] as const;

/**
 * @param address `host:port` that is to be reached
 * @param onProblem told of a proxy that cannot be used, and what to do
 */
export function readProxy(
  env: Readonly<Record<string, string | undefined>>,
  address: string,
  onProblem: (problem: string) => void,
): Proxy | undefined {
  const variable = PROXY_VARIABLES.find((name) => env[name]);
  const host = hostOf(address);
  if (variable === undefined || isLoopback(host) || isExcepted(host, env)) return undefined;
  const url = URL.parse(env[variable] ?? '');
  if (url?.protocol === 'http:')
    return { address: `${url.hostname}:${url.port || '80'}`, variable, login: loginOf(url) };
  // The value may hold a password.
  const form = url ? `an address of the form ${url.protocol}//` : 'no address';
  onProblem(
    `${variable} is ${form}, and Temporal at ${address} can only be reached through a proxy of the form http://host:port. ` +
      `Set grpc_proxy to such a one, or no_grpc_proxy=${host} to go without`,
  );
  return undefined;
}

interface Way {
  readonly address: string;
  readonly proxy: Proxy | undefined;
}

/** One sentence in the log of a program that starts, for the person who did not know. */
export function tellProxy(temporal: Way, log: Pick<Logger, 'info'>): void {
  if (temporal.proxy) log.info({ event: 'temporal.proxied' }, `Temporal is at ${describeAddress(temporal)}`);
}

/** An address and the way to it, for a message. */
export function describeAddress({ address, proxy }: Way): string {
  return proxy ? `${address} through the proxy ${proxy.address} (${proxy.variable})` : address;
}

function isExcepted(host: string, env: Readonly<Record<string, string | undefined>>): boolean {
  const variable = EXCEPTION_VARIABLES.find((name) => env[name]);
  const exceptions = (variable === undefined ? '' : (env[variable] ?? '')).split(',').map((each) => each.trim());
  return exceptions.filter(Boolean).some((exception) => matches(host, exception));
}

/** A network, `*`, or the end of a name, as gRPC takes them. */
function matches(host: string, exception: string): boolean {
  if (/^[\d.]+\/\d+$/.test(exception))
    return isWithin(
      readNetworks(exception, () => {}),
      host,
    );
  return exception === '*' || host.endsWith(exception);
}

function hostOf(address: string): string {
  return (URL.parse(`tcp://${address}`)?.hostname ?? address).replace(/^\[|\]$/g, '');
}

function loginOf({ username, password }: URL): Proxy['login'] {
  return username === ''
    ? undefined
    : { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

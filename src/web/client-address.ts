/** Where a request comes from: what limits count by, and what the access log says. */
import { isIP, isIPv6, type BlockList } from 'node:net';
import { isWithin } from '../config/networks.ts';

/**
 * The address nearest to us that is no trusted proxy's. What stands farther left in `X-Forwarded-For` came from somebody whom nobody
 * vouches for, so it may be anything.
 *
 * @param peer the other end of the connection
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, trusted: BlockList): string {
  let client = withoutMapping(peer);
  for (const hop of (forwardedFor ?? '').split(',').toReversed()) {
    if (!isWithin(trusted, client)) break;
    const address = withoutMapping(withoutPort(hop.trim()));
    if (isIP(address) === 0) break;
    client = address;
  }
  return client;
}

/** What one client has for sure: its address, or the first half of it under IPv6, where a client has 2^64 addresses. */
export function clientNetwork(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  const first = [...head, ...zeros, ...tail].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}

/** A socket for both families names an IPv4 address as `::ffff:10.0.0.5`. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/i, '');
}

/** Some proxies name the port too: `10.0.0.5:50000`, `[fd00::1]:50000`. */
function withoutPort(hop: string): string {
  return hop.replace(/^\[([^\]]+)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1');
}

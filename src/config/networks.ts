/** Addresses and networks, as a person writes them into a setting. */
import { BlockList, isIP } from 'node:net';

const FAMILIES = { 4: 'ipv4', 6: 'ipv6' } as const;
const LONGEST_PREFIX = { 4: 32, 6: 128 } as const;

/**
 * Those of a list with commas: `10.0.0.5`, `10.0.0.0/8`, `fd00::/8`.
 *
 * @param onProblem told what is wrong with an entry
 */
export function readNetworks(list: string, onProblem: (problem: string) => void): BlockList {
  const networks = new BlockList();
  for (const entry of list.split(',').map((text) => text.trim())) {
    if (entry === '') continue;
    const [address = '', prefix] = entry.split(/\/(.*)/s);
    const family = isIP(address);
    if (family !== 4 && family !== 6)
      onProblem(`${entry} is no address and no network, such as 10.0.0.5 or 10.0.0.0/8`);
    else if (prefix === undefined) networks.addAddress(address, FAMILIES[family]);
    else if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= LONGEST_PREFIX[family])
      networks.addSubnet(address, Number(prefix), FAMILIES[family]);
    else onProblem(`${entry} has no prefix from /0 to /${LONGEST_PREFIX[family]}`);
  }
  return networks;
}

export function isWithin(networks: BlockList, address: string): boolean {
  const family = isIP(address);
  return (family === 4 || family === 6) && networks.check(address, FAMILIES[family]);
}

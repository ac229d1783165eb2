import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { clientAddress, clientNetwork } from '../../src/web/client-address.ts';

const PROXIES = loadConfig({ HOLDFAST_TRUSTED_PROXIES: '10.0.0.0/8, fd00::1' }).web.trustedProxies;

describe('the client', () => {
  test.each([
    ['is the peer', '192.0.2.1', undefined, '192.0.2.1'],
    ['is the peer, whatever a stranger says', '192.0.2.1', '198.51.100.7', '192.0.2.1'],
    ['is whom a proxy names', '10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['is whom the proxy names, not whom the client did', '10.0.0.1', '127.0.0.1, 198.51.100.7', '198.51.100.7'],
    ['is behind several proxies', 'fd00::1', '1.1.1.1,198.51.100.7 , 10.0.0.2,10.0.0.1', '198.51.100.7'],
    ['is itself in the proxies’ network', '10.0.0.1', '10.0.0.9', '10.0.0.9'],
    ['is the proxy, which names nobody', '10.0.0.1', undefined, '10.0.0.1'],
    ['is the proxy, which names no address', '10.0.0.1', '198.51.100.7, unknown', '10.0.0.1'],
    ['loses its port', '10.0.0.1', '198.51.100.7:50000', '198.51.100.7'],
    ['loses its brackets', '10.0.0.1', '[2001:db8::7]:50000', '2001:db8::7'],
    ['is the same on a socket for both families', '::ffff:10.0.0.1', '::ffff:198.51.100.7', '198.51.100.7'],
  ])('%s', (_, peer, forwardedFor, client) => {
    expect(clientAddress(peer, forwardedFor, PROXIES)).toBe(client);
  });
});

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2:ffff::', '2001:db8:1:2::/64'],
  ['2001:0db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
])('%s counts as %s', (address, network) => {
  expect(clientNetwork(address)).toBe(network);
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { allowAddresses, isPublicAddress } from '../../src/http/addresses.ts';

suite('which addresses are public', () => {
  const closed: Record<string, readonly string[]> = {
    'this machine': ['127.0.0.1', '127.255.255.254', '::1', '0.0.0.0', '0.1.2.3', '::'],
    'private networks': ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fd12:3456::1'],
    'link-local, with what clouds tell their machines': ['169.254.169.254', '169.254.0.23', 'fe80::1', 'fe80::1%eth0'],
    'other addresses that clouds use inside': ['100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254'],
    'shared by carriers': ['100.64.0.1', '100.127.255.255'],
    multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
    'broadcast and reserved': ['255.255.255.255', '240.0.0.1', '192.0.0.1', '192.88.99.1', '198.18.0.1'],
    documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
    'IPv4 within IPv6': [
      '::ffff:8.8.8.8',
      '::ffff:127.0.0.1',
      '::8.8.8.8',
      '::127.0.0.1',
      '::ffff:0:8.8.8.8',
      '64:ff9b::8.8.8.8',
      '64:ff9b:1::8.8.8.8',
      '2002:808:808::1',
      '2001:0:808:808::1',
    ],
    'IPv6 that nobody was given': ['fec0::1', '100::1', '4000::1', '5f00::1', 'e000::1', '2001:2::1', '2001:10::1'],
    'what is not an address': ['', 'localhost', '1.2.3', '8', '0x08.8.8.8', '8.8.8.8/32', '[2606:4700::1111]', '::g'],
  };
  for (const [kind, addresses] of Object.entries(closed)) {
    test(`none of ${kind}`, () => {
      for (const address of addresses) assert.equal(isPublicAddress(address), false, address);
    });
  }

  test('those of the public internet', () => {
    for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '192.167.0.1', '100.63.0.1', '126.0.0.1', '223.5.5.5']) {
      assert.equal(isPublicAddress(address), true, address);
    }
    for (const address of ['2606:4700::1111', '2400:3200::1', '2a00:1450:4001::1', '2600::']) {
      assert.equal(isPublicAddress(address), true, address);
    }
  });
});

suite("the operator's list", () => {
  test('a name allows wherever it leads to, on every port unless one is named', () => {
    const allows = allowAddresses(['pictures', 'photos:8080', 'Bücher.example', 'LOCALHOST']);
    assert.equal(allows('pictures', '10.0.0.1', 80), true);
    assert.equal(allows('pictures', '127.0.0.1', 1), true);
    assert.equal(allows('photos', '10.0.0.1', 8080), true);
    assert.equal(allows('photos', '10.0.0.1', 80), false);
    assert.equal(allows('xn--bcher-kva.example', '10.0.0.1', 80), true);
    assert.equal(allows('localhost', '::1', 80), true);
    for (const host of ['other', 'pictures.', 'my.pictures', 'pictures.com', '10.0.0.1']) {
      assert.equal(allows(host, '10.0.0.1', 80), false, host);
    }
  });

  test('an address or a range allows by whatever name', () => {
    const allows = allowAddresses(['127.0.0.1', '10.1.0.0/16', '[::1]:81', 'fd00::/8', '192.168.1.1:80', 'fe80::5']);
    for (const [address, port] of [
      ['127.0.0.1', 1],
      ['10.1.255.255', 80],
      ['::1', 81],
      ['0:0:0:0:0:0:0:1', 81],
      ['fd12::1', 80],
      ['192.168.1.1', 80],
      ['fe80::5', 1],
    ] as const) {
      assert.equal(allows('any', address, port), true, address);
    }
    for (const [address, port] of [
      ['127.0.0.2', 1],
      ['10.2.0.0', 80],
      ['::1', 80],
      ['192.168.1.1', 443],
      ['::ffff:127.0.0.1', 80],
      ['::ffff:10.1.0.1', 80],
      ['not an address', 80],
    ] as const) {
      assert.equal(allows('any', address, port), false, address);
    }
  });

  test('the public internet needs no listing, and nothing else comes with it', () => {
    const allows = allowAddresses([]);
    assert.equal(allows('example.com', '8.8.8.8', 8443), true);
    assert.equal(allows('example.com', '127.0.0.1', 80), false);
  });

  test('an address allows no other address', () => {
    const allows = allowAddresses(['10.0.0.5']);
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        assert.equal(allows('any', address, 80), isPublicAddress(address) || address === '10.0.0.5');
      }),
    );
  });

  test('faulty entries are named, all of them', () => {
    const faulty = [
      '',
      ' ',
      'a b',
      'http://x',
      'x/y',
      'u@x',
      '*',
      '*.x',
      'x:70000',
      ':80',
      '[::1',
      '10/8',
      '10.0.0.0/33',
    ];
    for (const entry of faulty) assert.throws(() => allowAddresses(['x', entry]), TypeError, entry);
    assert.throws(() => allowAddresses(['ok', '*', '10/8']), /: \*, 10\/8$/);
  });
});

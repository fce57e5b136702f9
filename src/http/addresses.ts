/** Decides where downloads may connect to: the public internet, and what the operator lists. */
import { isIP, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Whether a connection may be made.
 * @param host the host of a url as the URL class gives it: lower case, IPv6 in brackets.
 * @param address the IP address that the host stands for, without brackets.
 * @param port the url's port, the scheme's own included.
 */
export type AddressRule = (host: string, address: string, port: number) => boolean;

/** An entry of the operator's list. */
interface Entry {
  /** A name, or the network that the entry's address or range is. */
  readonly target: string | Network;
  /** Undefined if every port is meant. */
  readonly port: number | undefined;
}

type Network = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, prefix: number];

/** Addresses that are public by number, but belong to the machine that the server runs on. */
const privateByUse: readonly Network[] = [
  // Azure's virtual public address of the host (learn.microsoft.com, "What is IP address 168.63.129.16?").
  ipaddr.parseCIDR('168.63.129.16/32'),
];

/** The only part of IPv6 that is given out as public unicast (IANA, "IPv6 Global Unicast Address Assignments"). */
const globalUnicast: Network = ipaddr.parseCIDR('2000::/3');

/**
 * Whether an address is one of the public internet: neither loopback, private, link-local, shared (CGNAT), multicast,
 * reserved, nor one that carries an IPv4 address within (mapped, compatible, NAT64, 6to4, Teredo), since what that one
 * leads to depends on the network.
 * @param address IPv4 or IPv6, without brackets. What is not an address is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (!isIP(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  if (parsed.kind() === 'ipv6' && !isWithin(parsed, globalUnicast)) return false;
  return !privateByUse.some((network) => isWithin(parsed, network));
}

/**
 * Makes the rule that allows the public internet and the operator's list.
 * @param allowHosts each a name, an IP address, either with `:port` (IPv6 then in brackets), or a range (`10.0.0.0/8`).
 *   A name is allowed wherever it resolves to; an address or a range is allowed by whatever name.
 * @throws TypeError that names the entries that are none of these.
 */
export function allowAddresses(allowHosts: readonly string[]): AddressRule {
  const faulty = allowHosts.filter((text) => readEntry(text) === undefined);
  if (faulty.length > 0) throw new TypeError(`not a host, an address or a range: ${faulty.join(', ')}`);
  const entries = allowHosts.flatMap((text) => readEntry(text) ?? []);
  return (host, address, port) => {
    if (isPublicAddress(address)) return true;
    const parsed = isIP(address) ? ipaddr.parse(address) : undefined;
    return entries.some((entry) => {
      if (entry.port !== undefined && entry.port !== port) return false;
      if (typeof entry.target === 'string') return entry.target === host;
      return parsed !== undefined && isWithin(parsed, entry.target);
    });
  };
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, [network, prefix]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, prefix);
}

/** Undefined if it is none. Names and addresses are read as the URL class reads them, so that they compare equal. */
function readEntry(text: string): Entry | undefined {
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || ipaddr.IPv6.isValidCIDR(text)) {
    return { target: ipaddr.parseCIDR(text), port: undefined };
  }
  const [, host, digits] = /^(\[.+\]|[^:]+)(?::(\d+))?$/.exec(isIPv6(text) ? `[${text}]` : text) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  const url = URL.parse(`http://${host ?? ''}/`);
  if (url === null || url.href !== `http://${url.hostname}/` || (port ?? 0) > 65_535) return undefined;
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(name)) return { target: ipaddr.parseCIDR(`${name}/${isIPv6(name) ? 128 : 32}`), port };
  return /^[a-z0-9_.-]+$/.test(name) ? { target: name, port } : undefined;
}

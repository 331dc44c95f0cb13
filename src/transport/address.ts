import ipaddr from 'ipaddr.js';
import { AppError } from '../domain/errors.ts';

/** Networks by CIDR, such as `10.0.0.0/8` or `fd00::/8`. */
export type Networks = readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];

export type AddressVerdict = 'public' | 'permitted' | 'refused';

/** Ranges that belong to somebody's own network: an operator may open them, nobody else. */
const OPENABLE = new Set([
  'private',
  'loopback',
  'uniqueLocal',
  'carrierGradeNat',
  'reserved',
  'benchmarking',
]);

/**
 * Where clouds hand out credentials and machine control; no setting opens these. AWS and most others use
 * 169.254.169.254, which the link-local range covers; the rest lie in ranges an operator may open, or look public:
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 * https://cloud.google.com/compute/docs/metadata/querying-metadata
 * https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
 */
const NEVER = parseNetworks([
  '168.63.129.16/32',
  '100.100.100.200/32',
  '192.0.0.192/32',
  'fd00:ec2::254/128',
  'fd00:ec2::23/128',
  'fd20:ce::254/128',
]);

/** Only these IPv6 addresses are handed out for the Internet; `::127.0.0.1` and its like are not among them. */
const GLOBAL_IPV6 = parseNetworks(['2000::/3']);

/** Throws an `AppError` `invalid-request` that names the text which is no network. */
export function parseNetworks(cidrs: readonly string[]): Networks {
  return cidrs.map((cidr) => {
    if (ipaddr.isValidCIDR(cidr)) return ipaddr.parseCIDR(cidr);
    throw new AppError('invalid-request', `"${cidr}" is no network: write it like 10.0.0.0/8 or fd00::/8.`);
  });
}

/**
 * May we speak to this IP address? Judged by its bytes, with IPv4 inside IPv6 unwrapped: `permitted` by the
 * operator's networks, else `public` only when it is ordinary unicast of the Internet.
 */
export function judgeAddress(address: string, operatorNetworks: Networks): AddressVerdict {
  // ipaddr.js takes the IPv4-compatible ::1.2.3.4 for the mapped ::ffff:1.2.3.4, which is another address.
  if (!ipaddr.isValid(address) || /^::\d+\./.test(address)) return 'refused';
  const ip = ipaddr.process(address);
  if (isIn(ip, NEVER)) return 'refused';
  const range = ip.range();
  if ((range === 'unicast' || OPENABLE.has(range)) && isIn(ip, operatorNetworks)) return 'permitted';
  if (range !== 'unicast') return 'refused';
  return ip.kind() === 'ipv4' || isIn(ip, GLOBAL_IPV6) ? 'public' : 'refused';
}

function isIn(ip: ipaddr.IPv4 | ipaddr.IPv6, networks: Networks): boolean {
  return networks.some(([network, bits]) => network.kind() === ip.kind() && ip.match(network, bits));
}

import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Secret } from '../domain/secret.ts';

/** The operator's way out. Where it stands is the operator's word: the guard does not judge it. */
export interface Proxy {
  /** `http://` or `https://`, with user and password where it asks for them. */
  url: Secret;
  /** Hosts that are reached without it (`NO_PROXY`). */
  except: readonly string[];
  /** Names that only it can resolve (`PROXY_RESOLVES`): they are not looked up here. */
  resolves: readonly string[];
}

/**
 * Is this host one of those? An entry is a name, which also stands for every name below it (`example.com`, `.example.com`,
 * `*.example.com`), an address, a network of addresses (`10.0.0.0/8`), any of them with a `:port`, or `*` for all.
 */
export function isNamed(entries: readonly string[], host: string, port: number): boolean {
  const bare = host.toLowerCase();
  return entries.some((entry) => {
    const { name, onlyPort } = partsOf(entry.toLowerCase());
    if (onlyPort !== undefined && onlyPort !== port) return false;
    if (name === '*') return true;
    if (isIP(bare) !== 0) return coversAddress(name, bare);
    const suffix = name.replace(/^\*?\./, '');
    return suffix !== '' && (bare === suffix || bare.endsWith(`.${suffix}`));
  });
}

function partsOf(entry: string): { name: string; onlyPort?: number } {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(entry);
  const plain = /^([^:]+):(\d{1,5})$/.exec(entry);
  const [, name = entry, port] = bracketed ?? plain ?? [];
  return port === undefined ? { name } : { name, onlyPort: Number(port) };
}

function coversAddress(name: string, address: string): boolean {
  const ip = ipaddr.process(address);
  if (ipaddr.isValidCIDR(name)) {
    const [network, bits] = ipaddr.parseCIDR(name);
    return network.kind() === ip.kind() && ip.match(network, bits);
  }
  return ipaddr.isValid(name) && ipaddr.process(name).toString() === ip.toString();
}

import type { Resolve } from '../../src/transport/guard.ts';
import { HOSTILE_HOSTS, INWARD_ADDRESSES } from './hostile-hosts.ts';

export interface HostileUrl {
  /** The trick. */
  kind: string;
  url: string;
}

/** Stands for the Internet; nobody dials it here. */
export const PUBLIC_ADDRESS = '140.82.112.5';

/** Names of machines nearby and of the metadata services of clouds. */
const NAMES = `
  localhost LOCALHOST localhost. app.localhost ｌｏｃａｌｈｏｓｔ loc%61lhost localhost.localdomain ip6-localhost ip6-loopback
  metadata metadata.google.internal metadata.goog instance-data instance-data.ec2.internal metadata.tencentyun.com
  metadata.packet.net rancher-metadata kubernetes kubernetes.default.svc kubernetes.default.svc.cluster.local
  host.docker.internal gateway.docker.internal redis postgres router broadcasthost wpad 127.0.0.1.nip.io
`
  .trim()
  .split(/\s+/);

const ZONE = 'attack.example';

/** A name of ours that answers this address, or a public one beside it. */
const nameOf = (address: string, mixed: boolean): string =>
  `${mixed ? 'mixed' : 'only'}-${Buffer.from(address).toString('hex')}.${ZONE}`;

/** The name server of the attacker, who also rules the names nearby. A `tracker.example` is nowhere. */
export const hostileNames: Resolve = async (name) => {
  const [, kind, code = ''] = /^(only|mixed)-([0-9a-f]+)\.attack\.example$/.exec(name) ?? [];
  const told = Buffer.from(code, 'hex').toString();
  if (kind === 'only') return answers(told);
  if (kind === 'mixed') return answers(PUBLIC_ADDRESS, told);
  if (name.startsWith('tracker.')) throw new Error('There is no such name.');
  return name.includes('localhost') || name.includes('127')
    ? answers('127.0.0.1', '::1')
    : answers('169.254.169.254');
};

export function answers(...addresses: readonly string[]) {
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

/** What is tried beside strange hosts, with the place of the sink for `HERE`. */
const SHAPES = `
  https://user@HERE/ https://user:pass@HERE/ https://tracker.example@HERE/ https://HERE#@tracker.example/
  https://HERE\\@tracker.example/ https:\\\\HERE/ https:HERE https:///HERE https:////HERE/ HTTPS://HERE/ https://HERE/?x=1
  https://HERE/#x https://HERE/.. //HERE/ HERE ftp://HERE/ file:///etc/passwd file://HERE/x gopher://HERE/_INFO ws://HERE/
  wss://HERE/ dict://HERE/ ldap://HERE/ tftp://HERE/ jar:http://HERE!/ blob:https://HERE/x data:text/plain,x javascript:alert(1)
  unix:/var/run/docker.sock http+unix://%2Fvar%2Frun%2Fdocker.sock/ about:blank view-source:https://HERE/ https://[HERE] https://
  https://:443/ https://% https://%00HERE/ https://HERE%00.tracker.example https://HERE%0d%0aHost:x/ https://.HERE/
`
  .trim()
  .split(/\s+/);

/** More than a thousand URLs that lead inwards; `port` is where a sink listens on this machine. */
export function hostileUrls(port: number): readonly HostileUrl[] {
  const schemes = ['http', 'https'];
  const hosts = HOSTILE_HOSTS.map(({ kind, host }, index) => ({
    kind,
    url: `${schemes[index % 2]}://${host}:${port}`,
  }));
  const named = [
    ...NAMES.map((name) => ({ kind: 'a name nearby', url: `http://${name}:${port}` })),
    ...[false, true].flatMap((mixed) =>
      INWARD_ADDRESSES.map((address, index) => ({
        kind: mixed ? 'a name that also leads inwards' : 'a name that leads inwards',
        url: `${schemes[index % 2]}://${nameOf(address, mixed)}:${port}`,
      })),
    ),
  ];
  const shaped = [`127.0.0.1:${port}`, `169.254.169.254:${port}`, `2130706433:${port}`].flatMap((here) =>
    SHAPES.flatMap((shape) => {
      const url = shape.replace('HERE', here);
      return [url, ` ${url}`, url.replace('://', '://\t'), url.replace('https', 'http')];
    }).map((url) => ({ kind: 'an odd shape', url })),
  );
  const unique = new Map([...hosts, ...named, ...shaped].map((each) => [each.url, each]));
  return [...unique.values()];
}

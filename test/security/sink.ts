import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { BlockList, createServer, isIPv6, Socket } from 'node:net';

/** The same ranges as the guard's, said in another way: it must not be judged by its own words. */
const INWARD = new BlockList();
for (const network of `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
  192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 ::/8 64:ff9b::/32 100::/8 2001::/23
  2001:db8::/32 2002::/16 3fff::/20 4000::/2 8000::/1`.split(/\s+/)) {
  const [address = '', bits] = network.split('/');
  INWARD.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
}

export function isInward(address: string): boolean {
  return INWARD.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

interface Dial {
  address: string;
  port: number;
}

/** Every address that a socket of this process was sent to, seen by Node itself, whoever opened it. */
export function watchDials() {
  const dials: Dial[] = [];
  const watch = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('socket' in message)) return;
    if (message.socket instanceof Socket)
      message.socket.on('connectionAttempt', (address: string, port: number) =>
        dials.push({ address, port }),
      );
  };
  subscribe('net.client.socket', watch);
  return { dials, [Symbol.dispose]: () => void unsubscribe('net.client.socket', watch) };
}

/** A server on every address of this machine that nobody may reach, and how often somebody did. */
export async function openSink() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sink has no port.');
  return {
    port: address.port,
    connections: () => connections,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

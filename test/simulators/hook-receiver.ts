import { createServer } from 'node:http';

interface ReceivedHook {
  event: string;
  guid: string;
  signature: string;
  userAgent: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface HookReceiver {
  url: string;
  received: ReceivedHook[];
  /** Answered from now on; 204 at first. */
  status: number;
  close(): Promise<void>;
}

/** A server on loopback that keeps every webhook it gets. */
export async function startHookReceiver(): Promise<HookReceiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers } = request;
      receiver.received.push({
        event: String(headers['x-github-event']),
        guid: String(headers['x-github-delivery']),
        signature: String(headers['x-hub-signature-256']),
        userAgent: String(headers['user-agent']),
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks).toString('utf8'),
      });
      response.writeHead(receiver.status).end();
    });
  });
  const receiver: HookReceiver = {
    url: '',
    received: [],
    status: 204,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  receiver.url = `http://127.0.0.1:${address.port}/hook`;
  return receiver;
}

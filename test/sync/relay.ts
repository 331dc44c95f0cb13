import { createServer } from 'node:http';

/** An address that outlives the service behind it, as a public name does. */
export interface Relay {
  url: string;
  close(): Promise<void>;
}

/** Passes requests on to wherever the service listens now; while nobody does, connections break. */
export async function startRelay(behind: () => string): Promise<Relay> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = new Headers();
      for (const [name, value] of Object.entries(request.headers))
        if (!['host', 'connection', 'content-length'].includes(name)) headers.set(name, String(value));
      fetch(behind() + String(request.url), { method: 'POST', headers, body: Buffer.concat(chunks) }).then(
        async (answer) => response.writeHead(answer.status).end(await answer.text()),
        () => response.destroy(),
      );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  return {
    url: `http://127.0.0.1:${String(address.port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

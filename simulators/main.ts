// Runs all simulated trackers until Ctrl-C: `npm run simulators [-- FIRST_PORT]`. A page lists what they hold.
import { createServer, type Server } from 'node:http';
import { furnishAll, type Furnished } from './catalogue.ts';
import { htmlPage, shown } from './shared/html.ts';
import { listen } from './shared/listen.ts';

const FIRST_PORT = 4010;
const LAST_PORT = 65_535;

function firstPort(argument: string | undefined): number {
  const port = argument === undefined ? FIRST_PORT : Number(argument);
  if (Number.isInteger(port) && port > 0 && port + 4 <= LAST_PORT) return port;
  process.stderr.write(
    `"${argument ?? ''}" is no port: give the first of five free ones, such as ${FIRST_PORT}.\n`,
  );
  return process.exit(64);
}

/** How to make an integration for this tracker. */
function integrationOf(tracker: Furnished): string {
  const { title, provider, config, credentials } = tracker;
  return JSON.stringify({ name: title, provider, config, credentials }, null, 2);
}

function pageOf(trackers: readonly Furnished[]): string {
  const parts = trackers.map((tracker) => {
    const rows = tracker
      .issues()
      .map(
        ({ key, title, isClosed }) => `<li>${shown(key)} ${isClosed ? '(closed) ' : ''}${shown(title)}</li>`,
      );
    const list = rows.length === 0 ? '<p>No issues yet.</p>' : `<ul>${rows.join('')}</ul>`;
    return `<h2>${shown(tracker.title)}</h2><pre>${shown(integrationOf(tracker))}</pre>${list}`;
  });
  return htmlPage('Simulated trackers', parts.join(''));
}

async function openPage(
  trackers: readonly Furnished[],
  port: number,
): Promise<{ server: Server; url: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(pageOf(trackers));
  });
  return { server, url: await listen(server, port) };
}

const first = firstPort(process.argv[2]);
try {
  const trackers = await furnishAll({ pace: 'published', firstPort: first + 1 });
  const { server, url } = await openPage(trackers, first);
  process.stdout.write(`What they hold: ${url}\n\n`);
  for (const tracker of trackers) process.stdout.write(`${tracker.title}\n${integrationOf(tracker)}\n\n`);
  process.stdout.write(
    'The service may call them with TRACKER_ALLOWED_CIDRS=127.0.0.0/8 TRACKER_ALLOW_HTTP=true. Stop with Ctrl-C.\n',
  );
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
    for (const tracker of trackers) void tracker.stop();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  process.stderr.write(
    `The simulators cannot start at port ${first}: ${String(error)}. Give another first port.\n`,
  );
  process.exit(69);
}

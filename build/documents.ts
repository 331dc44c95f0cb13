import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { CODES } from '../src/http/codes.ts';
import { openHouse } from '../test/http/house.ts';

const Package = z.object({ version: z.string() });

/** The OpenAPI document of the API as it is, as the text of `docs/openapi.json`. */
export async function documented(): Promise<string> {
  const { version } = Package.parse(JSON.parse(readFileSync('package.json', 'utf8')));
  const { app } = await openHouse({ config: { version } });
  try {
    return `${JSON.stringify(app.swagger(), null, 2)}\n`;
  } finally {
    await app.close();
  }
}

/** The text of `docs/errors.md`. */
export function errorsPage(): string {
  const sections = Object.entries(CODES).map(
    ([code, { status, title, remedy, retryable }]) =>
      `## ${code}\n\n${title} (HTTP ${status}). ${remedy} ${
        retryable ? 'The same request may succeed later.' : 'The same request will fail again.'
      }\n`,
  );
  return `# Error codes

Errors are \`application/problem+json\` (RFC 9457). Switch on \`code\`: it is stable, the texts are not. \`requestId\` is
also in the header \`X-Request-Id\` and in the log. \`errors\` names the places that are wrong: a JSON pointer into the body
(into the query or the path where \`detail\` says so), or a place in a file. Every installation serves the page of a
code at the address that \`type\` holds. This file is written by \`npm run openapi\`.

${sections.join('\n')}`;
}

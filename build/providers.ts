import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { PUBLISHED } from '../test/providers/published.ts';
import { providers } from '../src/providers/registry.ts';
import type { Capabilities, Connection, Provider } from '../src/ports/tracker.ts';

const PATH = 'docs/providers/README.md';
const Property = z.object({ const: z.string().optional() });
const Form = z.object({ properties: z.record(z.string(), Property), required: z.array(z.string()) });
const Forms = z.union([
  Form.transform((form) => [form]),
  z.object({ oneOf: z.array(Form) }),
  z.object({ anyOf: z.array(Form) }),
]);
type Form = z.infer<typeof Form>;

const INTRODUCTION = `# Trackers

Written by \`npm run openapi\` from what the code says of itself; each tracker has a page of its own. The numbers are those of an
integration made with the published example of each page: github.com, gitlab.com, a site of Jira Cloud, Azure DevOps Services. Where a
server of your own has other limits, its page says so. Titles and texts are counted in characters, or in bytes where the tracker does.`;

const PROOF = `Which one holds is settled when the hook is registered, and kept with the integration; a request cannot choose. A hook that is
added by hand takes the secret that \`POST /api/integrations/:id/webhook-secret\` tells once; the page of the tracker says where to put it.`;

function amount(value: number): string {
  return value.toLocaleString('en-US');
}

function limitsOf({ requestsPerMinute, createsPerMinute, createsPerHour }: Capabilities): string {
  const limits = [
    [requestsPerMinute, 'requests a minute'],
    [createsPerMinute, 'creates a minute'],
    [createsPerHour, 'creates an hour'],
  ] as const;
  const known = limits.flatMap(([value, of]) => (value === undefined ? [] : [`${amount(value)} ${of}`]));
  return known.length === 0 ? 'none in requests: its answers say' : known.join(', ');
}

/** What a tracker can hold and take: a line of the table for each. */
const ROWS: readonly (readonly [string, (capabilities: Capabilities) => string])[] = [
  ['shared fields', ({ fields }) => [...fields].map((field) => `\`${field}\``).join(', ')],
  ['issues read in one request', ({ readsPerRequest }) => amount(readsPerRequest)],
  ['issues handed over together', ({ writesPerRequest }) => amount(writesPerRequest)],
  ['requests at the same time', ({ concurrency }) => amount(concurrency)],
  ['published limits', limitsOf],
  ['wait for a create of unknown outcome', ({ settleMs }) => `${amount(settleMs / 1000)} s`],
  ['a status of its own for work in progress', ({ showsActive }) => (showsActive ? 'yes' : 'no')],
  ['longest title of ours', ({ titleLimit }) => amount(titleLimit)],
  ['longest text', ({ bodyLimit }) => amount(bodyLimit)],
];

interface Described {
  provider: Provider;
  connection: Connection;
  page: string;
}

function described(): Described[] {
  return [...providers.values()].map((provider) => {
    const { config, credentials } = PUBLISHED[provider.id];
    const connection = provider.connect?.(config, credentials);
    if (connection === undefined) throw new Error(`${provider.title} cannot be connected yet`);
    return { provider, connection, page: `${provider.id.replaceAll('_', '-')}.md` };
  });
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Every type of credentials that the schema takes. */
function formsOf(provider: Provider): readonly Form[] {
  const forms = Forms.parse(z.toJSONSchema(provider.credentials, { io: 'input' }));
  if (Array.isArray(forms)) return forms;
  return 'oneOf' in forms ? forms.oneOf : forms.anyOf;
}

/** Access that ends by itself is kept beside what it was made with, from one renewal to the next. */
function isRenewed({ properties }: Form): boolean {
  return 'accessToken' in properties;
}

function credentialRows({ provider, page }: Described): string[][] {
  return formsOf(provider).map((form) => [
    `[${provider.title}](${page})`,
    `\`${form.properties['type']?.const ?? ''}\``,
    form.required.flatMap((name) => (name === 'type' ? [] : [`\`${name}\``])).join(', '),
    isRenewed(form) ? 'renewed by itself' : 'lasts as long as the tracker lets it',
  ]);
}

function proofRows({ provider, page }: Described): string[][] {
  return Object.entries(provider.webhook?.schemes ?? {}).map(([scheme, words]) => [
    `[${provider.title}](${page})`,
    `\`${scheme}\``,
    words,
  ]);
}

/** The text of `docs/providers/README.md`. */
export async function providersPage(): Promise<string> {
  const all = described();
  const titles = all.map(({ provider, page }) => `[${provider.title}](${page})`);
  const parts = [
    INTRODUCTION,
    table(
      ['', ...titles],
      ROWS.map(([what, cell]) => [what, ...all.map(({ connection }) => cell(connection.capabilities))]),
    ),
    '## Credentials',
    table(['tracker', '`type`', 'beside it', 'access'], all.flatMap(credentialRows)),
    '## How webhooks are proven',
    table(['tracker', 'scheme', 'a delivery is taken when'], all.flatMap(proofRows)),
    PROOF,
  ];
  return format(parts.join('\n\n'), { ...(await resolveConfig(PATH)), parser: 'markdown' });
}

import { tests, type Part } from '../proof/part.ts';

const EVERY_TEST = /^# pass (\d+)$/gm;

/** Attacks in test files. `counted` finds how often each was tried in what they say. */
function attack(
  name: string,
  what: string,
  enough: number,
  files: readonly string[],
  counted: RegExp,
  noun: string,
  options: readonly string[] = [],
): Part {
  const { args, read } = tests(files, counted, noun);
  return {
    name,
    what,
    enough,
    args: (choice) => [...options, ...args(choice)],
    read,
    env: { SECURITY: 'whole' },
    typed: () => `npm run security -- --only ${name}`,
    slice: () => 'all',
  };
}

const SSRF = ['test/security/ssrf.test.ts', 'test/security/ssrf-answers.test.ts'];
const REBINDING = 'test/security/rebinding.test.ts';

/** In the order of the table. */
export const PARTS: readonly Part[] = [
  attack(
    'tenants',
    'every operation asked with the ids of another tenant',
    500,
    ['test/http/tenants.test.ts'],
    /# (\d+) questions with the ids/g,
    'questions',
  ),
  attack(
    'ssrf',
    'hostile URLs in every field, configured address and answer of a tracker',
    10_000,
    SSRF,
    /# (\d+) hostile URLs/g,
    'URLs',
  ),
  attack('rebinding', 'name servers that change their mind', 1_000, [REBINDING], /# (\d+) trials/g, 'trials'),
  attack(
    'unguarded',
    'the same with the guard switched off in the test: what then arrives at loopback',
    100,
    [...SSRF, REBINDING],
    /# without the guard (\d+) reached loopback/g,
    'arrived, as they must',
    ['--test-name-pattern=without the guard'],
  ),
  attack(
    'canary',
    'a secret in each secret field, looked for in answers, log, metrics and rows after every way that fails or succeeds',
    5_000,
    ['test/security/canary.test.ts', 'test/transport/echo.test.ts'],
    /looked for in (\d+) places/g,
    'places',
  ),
  attack(
    'fuzz',
    'requests drawn from the OpenAPI document: no 5xx, no answer that is not described',
    50_000,
    ['test/security/fuzz.test.ts'],
    /# (\d+) requests, /g,
    'requests',
    ['--expose-gc'],
  ),
  attack(
    'slow',
    'clients whose headers never end: hung up on with 408 while others are answered',
    1_000,
    ['test/security/slow-clients.test.ts'],
    /# (\d+) slow clients/g,
    'clients',
  ),
  attack(
    'tokens',
    'forged, confused and outdated tokens, odd bodies, limits',
    80,
    ['auth', 'key-set', 'bodies', 'json-names', 'limits', 'edge'].map((name) => `test/http/${name}.test.ts`),
    EVERY_TEST,
    'tests',
  ),
  attack(
    'webhooks',
    'forged, replayed and odd deliveries of every tracker',
    60,
    [
      'test/http/webhooks.test.ts',
      'test/sync/webhooks.test.ts',
      ...['github', 'gitlab', 'jira', 'azure-devops'].map((name) => `test/providers/${name}-webhook.test.ts`),
    ],
    EVERY_TEST,
    'tests',
  ),
  attack(
    'secrets',
    'sealed secrets flipped, swapped and read with other keys; keys changed while the process is killed',
    20,
    ['test/secrets/vault.test.ts', 'test/secrets/rotate-keys.test.ts'],
    EVERY_TEST,
    'tests',
  ),
];

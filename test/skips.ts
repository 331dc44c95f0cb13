import { sharedFolder } from './shared.ts';
import { withoutClients } from './simulators/other-clients.ts';

/** A test or suite that did not run. */
export interface Skip {
  name: string;
  /** Relative to the project. */
  file: string;
  reason: string;
}

/** Why tests may be skipped: what they say, where they are, whether it is so now, and how to run them. */
interface Announcement {
  reason: RegExp;
  files: readonly string[];
  holds: boolean;
  how: string;
}

const mustHaveServices = process.env['REQUIRE_SERVICES'] === '1';
const isSet = (name: string) => process.env[name] !== undefined || mustHaveServices;

/** Driven by the clients in `test/clients`, and so skipped as a whole where those are not installed. */
const OF_CLIENTS = [
  'test/simulators/azure-devops-official.test.ts',
  'test/simulators/gitlab-gitbeaker.test.ts',
  'test/simulators/jira-clients.test.ts',
];

const ANNOUNCED: readonly Announcement[] = [
  {
    reason: /^set TEST_DATABASE_URL /,
    files: [
      'test/people/erase-person.test.ts',
      'test/people/remove-tenant.test.ts',
      'test/simulation/stores.test.ts',
      'test/store/equivalence.test.ts',
      'test/store/opening.test.ts',
      'test/store/store.test.ts',
      'test/sync/database-trouble.test.ts',
    ],
    holds: !isSet('TEST_DATABASE_URL'),
    how: 'set TEST_DATABASE_URL to a PostgreSQL superuser, such as postgres://postgres@127.0.0.1:5432/postgres',
  },
  {
    reason: /^set TEST_REDIS_URL /,
    files: ['test/events/events.test.ts', 'test/events/opening.test.ts', 'test/transport/together.test.ts'],
    holds: !isSet('TEST_REDIS_URL'),
    how: 'set TEST_REDIS_URL, such as redis://127.0.0.1:6379',
  },
  {
    reason: /\bshared\/(specs|samples)\b/,
    files: [
      'test/simulators/azure-devops-shapes.test.ts',
      'test/simulators/github-octokit.test.ts',
      'test/simulators/github-schema.test.ts',
      'test/simulators/github-shapes.test.ts',
      'test/simulators/github-spec.test.ts',
      'test/simulators/gitlab-shapes.test.ts',
      'test/simulators/jira-shapes.test.ts',
      ...(withoutClients === false ? OF_CLIENTS : []),
      'test/sources/detect.test.ts',
      'test/sources/threat-composer.test.ts',
      'test/sources/threat-dragon.test.ts',
      'test/sync/import.test.ts',
    ],
    holds: sharedFolder() === undefined,
    how: 'published specifications and sample files, a folder "shared" beside the checkout',
  },
  {
    reason: /\btest\/clients\b/,
    files: OF_CLIENTS,
    holds: withoutClients !== false,
    how: "install other people's clients: cd test/clients && npm ci",
  },
];

function announcementOf({ file, reason }: Skip): Announcement | undefined {
  return ANNOUNCED.find((each) => each.reason.test(reason) && each.files.includes(file));
}

/** What was skipped although nobody announced it, or although what it needs is there. */
export function unannounced(skips: readonly Skip[]): Skip[] {
  return skips.filter((skip) => announcementOf(skip)?.holds !== true);
}

/** Of a full run: files that were announced to skip something and did not, in words. */
export function missedAnnouncements(skips: readonly Skip[]): string[] {
  return ANNOUNCED.filter(({ holds }) => holds).flatMap(({ files, reason }) =>
    files
      .filter((file) => !skips.some((skip) => skip.file === file && reason.test(skip.reason)))
      .map((file) => `Announced as skipped in part, but it skips nothing: ${file}; correct test/skips.ts`),
  );
}

export function wayToRun(skip: Skip): string {
  return announcementOf(skip)?.how ?? skip.reason;
}

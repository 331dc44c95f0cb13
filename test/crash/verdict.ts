import type { GithubSimulator } from '../../simulators/github/index.ts';
import { Delivery, Detail, Link, Threat } from './api.ts';
import type { Ledger } from './deliveries.ts';
import type { Act, Edit, Story } from './people.ts';
import type { Team } from './team.ts';

/** One thing that was looked at, how many of it there were, and what was wrong. */
export interface Row {
  what: string;
  count: number;
  violations: string[];
}

const MARK = /tmi:begin v=1 link=([0-9a-f-]{36})/g;

/**
 * Where the database was put back, links begin anew without a past: a close that differs is not lost while a person is asked
 * about it.
 */
function askedAfterRewind(links: readonly Link[], rewinds: number): ReadonlySet<string> {
  const asked = links.filter(({ fields }) => rewinds > 0 && fields['status']?.kind === 'conflict');
  return new Set(asked.map(({ threatId }) => threatId));
}

/** Looks at one team: its issues, its links, every edit, every delivery that was acknowledged. */
export async function verdictOf(
  github: GithubSimulator,
  team: Team,
  stories: readonly Story[],
  ledger: Ledger,
  rewinds: number,
): Promise<Row[]> {
  const links = await team.api.all(`/api/integrations/${team.integrationId}/links`, Link);
  const asked = askedAfterRewind(links, rewinds);
  const threats = new Map((await team.api.all('/api/threats', Threat)).map((threat) => [threat.id, threat]));
  const comments = new Map<string, string>();
  for (const { threatId, edits } of stories)
    if (edits.some(({ act }) => act === 'comment')) {
      const detail = await team.api.read(`/api/threats/${threatId}`, Detail);
      comments.set(threatId, detail.comments.map(({ text }) => text).join('\n'));
    }
  return [
    {
      what: 'threats with one issue',
      count: team.threats.size,
      violations: issueFaults(github, team, links),
    },
    ...ofStories(stories, (story) =>
      editFaults(github, story, threats.get(story.threatId), comments.get(story.threatId) ?? '').filter(
        ({ act }) => act !== 'close' || !asked.has(story.threatId),
      ),
    ),
    { what: 'issues that say what their threat says', count: links.length, violations: lag() },
    await deliveryRow(team, ledger.acknowledged.get(team) ?? new Set()),
  ];

  /** Both sides agree, but where a person's own words in the issue hold ours back. */
  function lag(): string[] {
    return links.flatMap(({ threatId, issue, fields }) => {
      const threat = threats.get(threatId);
      if (threat === undefined || issue === undefined)
        return [`${team.name}: threat ${threatId} has no issue`];
      const shown = github.world.issue(team.place.owner, team.place.repo, Number(issue.key));
      const where = `${team.name}#${shown.number}`;
      const late = [];
      if (fields['block'] === undefined && !shown.body.includes(threat.description))
        late.push(`${where} does not say "${threat.description}"`);
      if (fields['title'] === undefined && !shown.title.includes(threat.title))
        late.push(`${where} is called "${shown.title}", not "${threat.title}"`);
      return late;
    });
  }
}

/** Every threat has one link, every link one issue with its mark, and there is no other issue. */
function issueFaults(github: GithubSimulator, team: Team, links: readonly Link[]): string[] {
  const faults: string[] = [];
  const issues = github.world.issues(team.place.owner, team.place.repo);
  const marked = new Map<string, number[]>();
  for (const { body, number } of issues)
    for (const [, linkId = ''] of body.matchAll(MARK))
      marked.set(linkId, [...(marked.get(linkId) ?? []), number]);
  for (const [linkId, numbers] of marked)
    if (numbers.length > 1) faults.push(`${team.name}: link ${linkId} has the issues ${numbers.join(', ')}`);
  if (issues.length !== team.threats.size)
    faults.push(`${team.name}: ${issues.length} issues for ${team.threats.size} threats`);
  for (const threatId of team.threats) {
    const mine = links.filter((link) => link.threatId === threatId);
    const [link] = mine;
    if (mine.length !== 1 || link?.state !== 'linked' || marked.get(link.id)?.length !== 1)
      faults.push(
        `${team.name}: threat ${threatId} has ${mine.map(({ state }) => state).join(', ') || 'no link'}`,
      );
  }
  return faults;
}

function ofStories(
  stories: readonly Story[],
  faultsOf: (story: Story) => { act: Act; fault: string }[],
): Row[] {
  const faults = stories.flatMap((story) => faultsOf(story));
  const edits = stories.flatMap((story) => story.edits);
  return [...new Set(edits.map(({ act }) => act))].toSorted().map((act) => ({
    what: `edits by people: ${act}`,
    count: edits.filter((edit) => edit.act === act).length,
    violations: faults.filter((each) => each.act === act).map(({ fault }) => fault),
  }));
}

/** Which of people's edits are not there: the last of what replaces what was before, every one of what adds. */
function editFaults(
  github: GithubSimulator,
  { team, number, edits }: Story,
  threat: { title: string; description: string; status: string } | undefined,
  comments: string,
): { act: Act; fault: string }[] {
  const issue = github.world.issue(team.place.owner, team.place.repo, number);
  const is = (edit: Edit): boolean => {
    switch (edit.act) {
      case 'description':
      case 'threat title':
        return isOneOf(
          lastOf(edits, edit.act),
          edit.act === 'description' ? threat?.description : threat?.title,
        );
      case 'issue title':
        return issue.title === edits.findLast(({ act }) => act === 'issue title')?.value;
      case 'note':
      case 'block':
        return issue.body.includes(edit.value);
      case 'comment':
        return comments.includes(edit.value);
      case 'close':
        return issue.state === 'closed' && threat?.status === 'mitigated';
    }
  };
  return edits
    .filter((edit) => !is(edit))
    .map(({ act, value }) => ({ act, fault: `${team.name}#${number}: ${act} "${value}" is lost` }));
}

/** The last value that was acknowledged, and later ones of which nobody knows; empty = all are unknown. */
function lastOf(edits: readonly Edit[], act: Act): { known: boolean; values: string[] } {
  const mine = edits.filter((edit) => edit.act === act);
  const from = mine.findLastIndex((edit) => edit.acknowledged);
  return { known: from >= 0, values: mine.slice(Math.max(0, from)).map(({ value }) => value) };
}

function isOneOf({ known, values }: { known: boolean; values: string[] }, now: string | undefined): boolean {
  return !known || (now !== undefined && values.includes(now));
}

/** What was acknowledged is listed, and was worked. */
async function deliveryRow(team: Team, acknowledged: ReadonlySet<string>): Promise<Row> {
  const listed = await team.api.all(`/api/integrations/${team.integrationId}/deliveries`, Delivery);
  const verdicts = new Map(listed.map(({ deliveryId, verdict }) => [deliveryId, verdict]));
  const faults = [...acknowledged].flatMap((guid) => {
    const verdict = verdicts.get(guid);
    if (verdict === 'processed' || verdict === 'ignored') return [];
    return [`${team.name}: delivery ${guid} is ${verdict ?? 'lost'}`];
  });
  return { what: 'deliveries acknowledged', count: acknowledged.size, violations: faults };
}

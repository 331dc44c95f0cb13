import { judgePeoplesWords, judgeStatus, judgeText, judgeTitle } from './oracles-edits.ts';
import type { Pair } from './oracles-edits.ts';
import { judgeNewest } from './oracles-newest.ts';
import { judgeQuestions } from './oracles-questions.ts';
import { violated } from './stage.ts';
import { isOpen } from '../../src/domain/threat.ts';
import { markedLinkOf } from './history.ts';
import type { End, Stage, Team } from './stage.ts';

type EndOfTeam = End['teams'][number];

/** Held at every instant: at most one issue of ours for each link. */
export function judgeInstant(stage: Stage, team: Team): void {
  const seen = new Map<string, string>();
  for (const issue of team.seen) {
    const link = markedLinkOf(issue);
    if (link === undefined || team.copies.has(issue.key)) continue;
    const other = seen.get(link);
    seen.set(link, issue.key);
    const isKnown = stage.violations.some(({ invariant }) => invariant === 'I1');
    if (other !== undefined && !isKnown)
      violated(stage, 'I1', `issues ${other} and ${issue.key} are both of link ${link}`);
  }
}

/** Held once everything has come to rest. */
export function judgeEnd(stage: Stage, end: End): void {
  for (const team of end.teams) {
    judgeConvergence(stage, team);
    judgeIdempotence(stage, team);
    judgeDeliveries(stage, team);
    judgeComments(stage, team);
    judgePeoplesWords(stage, team);
    judgeCaution(stage, team);
    judgeFights(stage, team);
    if (stage.putBack !== undefined) continue;
    judgeAuthority(stage, team);
    judgeNewest(stage, team);
    judgeQuestions(stage, team);
    for (const pair of pairsOf(team)) {
      judgeStatus(stage, team, pair);
      judgeTitle(stage, team, pair);
      judgeText(stage, team, pair);
    }
  }
  judgeCalls(stage, end);
  judgeBackOff(stage);
  const kept = end.teams.reduce((sum, { deliveries }) => sum + deliveries, 0);
  if (kept < stage.accepted)
    violated(stage, 'I7', `${stage.accepted} deliveries were promised, and ${kept} are kept`);
}

/** What people did on a threat has arrived without a sweep, where nothing waits for anybody. */
export function judgeUnswept(
  stage: Stage,
  { team, links, threats }: Pick<EndOfTeam, 'team' | 'links' | 'threats'>,
): void {
  if (stage.putBack !== undefined) return;
  for (const pair of pairsOf({ team, links, threats })) {
    const { link, threat, issue } = pair;
    if (Object.keys(link.fields).length > 0 || link.failures > 0 || threat.presence !== 'present') continue;
    if (issue.isOpen !== isOpen(threat.status) && mustBeKnown(stage, team, pair))
      violated(stage, 'I3', `${issue.key} waits for a sweep to be ${threat.status}`);
    judgeText(stage, { team }, pair);
  }
}

/** A webhook that does not reach us is made up for by asking the tracker; where nobody asks, only what we know ourselves is promised. */
function mustBeKnown({ script, history }: Stage, team: Team, { threat, issue }: Pair): boolean {
  if (script.webhooksAlone !== true) return true;
  const last = (side: 'threat' | 'issue', of: string): number =>
    history.of(team.index, side, of, 'status').findLast(({ by }) => by === 'person')?.sequence ?? 0;
  return last('threat', threat.id) > last('issue', issue.key);
}

function pairsOf({ team, links, threats }: Pick<EndOfTeam, 'team' | 'links' | 'threats'>): Pair[] {
  const issues = team.project.issues();
  return links.flatMap((link) => {
    const threat = threats.find(({ id }) => id === link.threatId);
    const issue = issues.find(({ id }) => id === link.issue?.id);
    return threat === undefined || issue === undefined || link.state !== 'linked'
      ? []
      : [{ link, threat, issue }];
  });
}

/** Every threat has its one issue, unless people took it away; nothing waits that nobody is told of. */
function judgeConvergence(stage: Stage, { team, links, threats, integration, summary }: EndOfTeam): void {
  if (integration.state !== 'active')
    violated(stage, 'I3', `the integration is ${integration.state}: ${summary}`);
  for (const threat of threats.filter(({ presence }) => presence === 'present')) {
    const own = links.filter(({ threatId }) => threatId === threat.id);
    // The filter gates creation only.
    if (own.length === 0 && !integration.filter.statuses.includes(threat.status)) continue;
    if (own.length !== 1) {
      violated(stage, 'I3', `threat ${threat.id} has ${own.length} links (${summary})`);
      continue;
    }
    const [link] = own;
    if (link === undefined || link.state === 'linked') continue;
    const { key = '' } = link.issue ?? {};
    const isPeoples = ['issue-gone', 'quarantined'].includes(link.state) && team.removed.has(key);
    const isDamaged = link.state === 'quarantined' && team.inside.some((each) => each.key === key);
    if (!isPeoples && !isDamaged)
      violated(
        stage,
        'I3',
        `link ${link.id} is ${link.state}: ${link.stateReason ?? link.lastError?.message ?? ''}`,
      );
  }
}

function judgeIdempotence(stage: Stage, { extraWrites }: EndOfTeam): void {
  // A hook that the tracker has switched off is made again whenever that is seen.
  const [first] = extraWrites.filter(({ path }) => !/\/(?:hooks|webhooks|subscriptions)(?:\/|$)/.test(path));
  if (first !== undefined) violated(stage, 'I4', `one more sync wrote ${first.method} ${first.path}`);
}

function judgeDeliveries(stage: Stage, { openDeliveries }: EndOfTeam): void {
  if (openDeliveries > 0)
    violated(stage, 'I7', `${openDeliveries} deliveries were promised and never worked`);
}

/** Nothing is written once an integration is disabled, but for the one call that was under way. */
function judgeAuthority(stage: Stage, { team }: EndOfTeam): void {
  const { passages } = stage.network;
  for (const [index, { at, enabled }] of team.disabled.entries()) {
    if (enabled) continue;
    const until = team.disabled[index + 1]?.at ?? Infinity;
    const late = passages.filter(
      ({ sentAt, reads, authorization }) =>
        !reads && sentAt > at && sentAt < until && authorization.includes(team.project.secret),
    );
    if (late.length > ONE_BATCH)
      violated(stage, 'I12', `${late.length} writes after team ${team.index} was disabled`);
  }
}

/** Where webhooks are registered: that is no write to an issue. */
const HOOKS = /\/(?:hooks|webhooks?)\b/;

/** Once it was noticed that the database was put back, no issue is written until a person has said yes. */
function judgeCaution(stage: Stage, { team, integration }: EndOfTeam): void {
  const from = stage.putBack?.at;
  if (from === undefined || integration.rewound === undefined) return;
  const yes = team.asked.find((at) => at >= from) ?? Infinity;
  const early = stage.network.passages.find(
    ({ sentAt, reads, path, authorization }) =>
      !reads &&
      !HOOKS.test(path) &&
      sentAt > from + SECOND_MS &&
      sentAt < yes &&
      authorization.includes(team.project.secret),
  );
  if (early !== undefined)
    violated(stage, 'B11', `${early.method} ${early.path} was sent before anybody said yes`);
}

/** A run looks whether it may still write before each batch. One issue on Jira takes so many calls: its fields, and four transitions. */
const ONE_BATCH = 5;

/** Other programs that write a status back each time are not fought for ever. */
function judgeFights(stage: Stage, { team }: EndOfTeam): void {
  const turns = new Map<string, number[]>();
  for (const { by, field, team: index, of, at, side } of stage.history.changes)
    if (by === 'engine' && field === 'status' && index === team.index)
      turns.set(`${side} ${of}`, [...(turns.get(`${side} ${of}`) ?? []), at]);
  for (const [of, times] of turns) {
    const most = Math.max(
      ...times.map((at) => times.filter((each) => each >= at && each < at + HOUR_MS).length),
    );
    if (most > MOST_TURNS) violated(stage, 'I6', `${of} was written ${most} times within an hour`);
  }
}

const HOUR_MS = 3_600_000;
/** Three turns, each of up to four statuses on the way, and what people ask for by hand. */
const MOST_TURNS = 40;

/** A comment of ours is made once. */
function judgeComments(stage: Stage, { team }: EndOfTeam): void {
  for (const { key, comments } of team.project.issues()) {
    const marks = comments.flatMap((text) => /tmi:comment v=1 op=([0-9a-f-]{36})/.exec(text)?.[1] ?? []);
    if (new Set(marks).size < marks.length) violated(stage, 'I1', `issue ${key} has a comment of ours twice`);
  }
}

/**
 * No process calls again within the time that it was asked to wait, unless its clock was set meanwhile. It was asked when the
 * request arrived, which may have stood still on its way.
 */
function judgeBackOff({ network, violations, jumps }: Stage): void {
  for (const [
    index,
    { from, authorization, waitUntil, sentAt, arrivedAt = sentAt },
  ] of network.passages.entries()) {
    if (waitUntil === undefined || authorization === '') continue;
    if (jumps.some(({ of, at }) => of === from && at >= sentAt && at <= waitUntil)) continue;
    const later = network.passages.slice(index + 1);
    const early = later.find(
      (each) =>
        each.from === from &&
        each.authorization === authorization &&
        each.sentAt > waitUntil - SECOND_MS * 90 &&
        each.sentAt < waitUntil - SECOND_MS &&
        each.sentAt > arrivedAt + SECOND_MS,
    );
    if (early !== undefined)
      violations.push({ invariant: 'I6', detail: `${early.method} ${early.path} within a stated back-off` });
  }
}

const SECOND_MS = 1000;

const CALLS_FOR_EACH_ACT = 40;
const CALLS_FOR_EACH_HOUR = 120;

/** Far above what is needed, and far below what a loop of our own echoes would make. */
function judgeCalls({ network, script, violations }: Stage, { teams }: End): void {
  const hours = 12 + script.chaosMs / HOUR_MS;
  const faults = network.passages.filter(({ fault }) => fault !== undefined).length;
  const bound =
    teams.length * hours * CALLS_FOR_EACH_HOUR + script.acts.length * CALLS_FOR_EACH_ACT + 10 * faults;
  if (network.passages.length > bound)
    violations.push({ invariant: 'I6', detail: `${network.passages.length} calls are more than ${bound}` });
}

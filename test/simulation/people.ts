import { messageOf } from '../../src/domain/errors.ts';
import type { Threat } from '../../src/domain/threat.ts';
import { dragonFile } from './files.ts';
import type { Change, Doer } from './history.ts';
import { judgeInstant } from './oracles.ts';
import type { Replica } from './replica.ts';
import { isIssueAct, isProcessAct, isThreatAct } from './script.ts';
import type { BotAct, IssueAct, TeamAct, ThreatAct, TimedAct } from './script.ts';
import type { Stage, Team } from './stage.ts';

/** Between two looks of another program. */
const BOTS_LOOK_MS = 7_000;

/** What people do, on both sides, and what is written down of it. */
export interface People {
  perform(act: TimedAct): void;
  ask(team: Team, request: { full?: boolean; planId?: string }): void;
  enable(team: Team, enabled: boolean): Promise<void>;
  /** Compares a team's issues with the last look. */
  look(team: Team, by: Doer): void;
}

export function newPeople(stage: Stage, front: Replica): People {
  const { time, store, history } = stage;
  return { perform, ask, enable, look };

  function perform(act: TimedAct): void {
    if (isProcessAct(act) || act.kind === 'put-back') return;
    const team = stage.teams[act.team];
    if (team === undefined) return;
    if (isThreatAct(act)) void patch(team, act);
    else if (isIssueAct(act)) workOnIssue(team, act);
    else if (act.kind === 'bots') void letBotsFight(team, act);
    else workOnTeam(team, act);
  }

  function workOnTeam(team: Team, act: TeamAct): void {
    switch (act.kind) {
      case 'sync':
        ask(team, { full: act.full });
        return;
      case 'import':
        void importAgain(team, act);
        return;
      case 'lock-out':
        team.project.allow(false);
        time.after(act.forMs, () => team.project.allow(true));
        return;
      case 'disable':
        void enable(team, false);
        time.after(act.forMs, () => void enable(team, true));
        return;
    }
  }

  async function patch(team: Team, act: ThreatAct & { at: number }): Promise<void> {
    const { caller } = team;
    const threats = await threatsOf(team);
    const threat = threats[act.which % Math.max(1, threats.length)];
    if (threat === undefined || threat.presence === 'missing') return;
    const change =
      act.kind === 'threat-status'
        ? { status: act.status, justification: `because of ${act.at}` }
        : act.kind === 'threat-title'
          ? { title: `Threat ${act.token}` }
          : { description: `About ${act.token}.` };
    try {
      const after = await front.threats.update(caller, threat.id, change);
      const common = {
        at: time.now(),
        team: team.index,
        side: 'threat',
        of: threat.id,
        by: 'person',
      } as const;
      if (after.version === threat.version) return;
      if (act.kind === 'threat-status' && after.status !== threat.status)
        history.add({ ...common, field: 'status', value: after.status });
      if (act.kind === 'threat-title') history.add({ ...common, field: 'title', value: act.token });
      if (act.kind === 'threat-text') history.add({ ...common, field: 'text', value: act.token });
    } catch (error) {
      stage.notes.push(`a person was refused: ${messageOf(error)}`);
    }
  }

  function threatsOf({ caller, modelId }: Team): Promise<readonly Threat[]> {
    return store.tenant(caller.tenantId).transact((tx) => tx.threats.ofModel(modelId));
  }

  async function importAgain(team: Team, act: Extract<TeamAct, { kind: 'import' }>): Promise<void> {
    team.threats += act.add;
    const bytes = dragonFile(`model-${team.index}`, team.threats, act.drop);
    const before = await threatsOf(team);
    try {
      await front.models.import(team.caller, { bytes, modelId: team.modelId, confirm: true });
    } catch (error) {
      stage.notes.push(`an import was refused: ${messageOf(error)}`);
      return;
    }
    for (const after of await threatsOf(team)) {
      const old = before.find(({ id }) => id === after.id);
      if (old === undefined) continue;
      const add = (field: Change['field'], value: string): void =>
        history.add({
          at: time.now(),
          team: team.index,
          side: 'threat',
          of: after.id,
          field,
          value,
          by: 'person',
        });
      if (old.status !== after.status) add('status', after.status);
      if (old.title !== after.title) add('title', after.title);
      if (old.description !== after.description) add('text', after.description);
    }
  }

  /** One wants the threat mitigated, the other one its issue open: each looks every few seconds. */
  async function letBotsFight(team: Team, act: BotAct & { at: number }): Promise<void> {
    const { team: index, which, at } = act;
    const until = time.now() + act.forMs;
    while (time.now() < until) {
      await patch(team, { kind: 'threat-status', team: index, which, status: 'mitigated', at });
      await time.sleep(BOTS_LOOK_MS);
      const threats = await threatsOf(team);
      const threat = threats[which % Math.max(1, threats.length)];
      const links = await store
        .tenant(team.caller.tenantId)
        .transact((tx) => tx.links.ofThreats([threat?.id ?? '']));
      const key = links[0]?.issue?.key;
      if (key !== undefined) team.project.people.reopen(key);
      look(team, 'person');
      await time.sleep(BOTS_LOOK_MS);
    }
  }

  function workOnIssue(team: Team, act: IssueAct): void {
    const { project } = team;
    const { people } = project;
    const all = project.issues();
    const issue = all[act.which % Math.max(1, all.length)];
    if (issue === undefined) return;
    const { key } = issue;
    switch (act.kind) {
      case 'issue-title':
        people.editTitle(key, `Words of people ${act.token}`);
        break;
      case 'issue-line':
        people.addLine(key, act.token);
        team.written.push({ key, line: act.token });
        break;
      case 'issue-inside':
        if (people.writeInside(key, act.token)) team.inside.push({ key, token: act.token });
        break;
      case 'issue-label':
        people.addLabel(key, act.token.toLowerCase());
        team.written.push({ key, line: act.token.toLowerCase() });
        break;
      case 'issue-comment':
        people.comment(key, act.token);
        break;
      case 'issue-close':
        if (act.label !== undefined) people.addLabel(key, act.label);
        people.close(key, act.as);
        break;
      case 'issue-reopen':
        people.reopen(key);
        break;
      case 'issue-remove':
        people.remove(key);
        team.removed.add(key);
        break;
      case 'issue-copy':
        team.copies.add(people.copy(key));
        break;
    }
    look(team, 'person');
  }

  async function enable(team: Team, enabled: boolean): Promise<void> {
    if (enabled) team.disabled.push({ at: time.now(), enabled });
    await front.integrations.change(team.caller, team.integrationId, { enabled }).catch(() => undefined);
    if (!enabled) team.disabled.push({ at: time.now(), enabled });
  }

  function ask(team: Team, request: { full?: boolean; planId?: string }): void {
    team.asked.push(time.now());
    front.sync.start(team.caller, team.integrationId, request).catch(() => undefined);
  }

  function look(team: Team, by: Doer): void {
    const now = team.project.issues();
    history.compare(team.index, team.seen, now, time.now(), by);
    team.seen = now;
    judgeInstant(stage, team);
  }
}

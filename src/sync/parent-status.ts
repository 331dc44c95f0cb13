import type { Integration } from '../domain/integration.ts';
import type { Link } from '../domain/link.ts';
import type { IntegrationStatus } from './use-cases.ts';

const ANEW = 'To ask for it anew, set `parent` to null and then to what you want.';

/** What a person should know of the parents of an integration's issues; undefined = none were asked for. */
export function parentStatus(
  { parent, namedParent }: Integration,
  parents: readonly Link[],
): IntegrationStatus['parent'] {
  if (parent === undefined) return undefined;
  if (parent.kind === 'model') return ofModels(newest(parents), parent.since);
  if (namedParent?.since !== parent.since)
    return {
      state: 'waiting',
      detail: `Issue ${parent.key} is looked up at the next sync that has an issue for it.`,
    };
  const { issue, placing, gone } = namedParent;
  if (issue === undefined)
    return {
      state: 'gone',
      detail: `There is no issue ${parent.key}: the others stand by themselves. ${ANEW}`,
    };
  if (gone !== undefined)
    return {
      state: 'gone',
      detail: `Issue ${issue.key} is gone (${gone}): threats go on without it. ${ANEW}`,
    };
  return {
    state: placing?.kind === 'child' ? 'ok' : 'degraded',
    detail: placing?.detail ?? `Nothing is known of issue ${issue.key} yet.`,
  };
}

function ofModels(parents: readonly Link[], since: string): IntegrationStatus['parent'] {
  const gone = parents.filter(({ state }) => ['issue-gone', 'detached', 'quarantined'].includes(state));
  const asked = gone.filter(({ stateSince }) => stateSince >= since);
  if (asked.length > 0) {
    const why = [...new Set(asked.flatMap(({ stateReason }) => stateReason ?? []))].join(' ');
    return {
      state: 'gone',
      detail: `${asked.length} of ${parents.length} parents are gone; their threats go on without. ${why} ${ANEW}`,
    };
  }
  const placed = parents.filter(({ state, placing }) => state === 'linked' && placing !== undefined);
  const worse = placed.find(({ placing }) => placing?.kind !== 'child') ?? placed[0];
  if (worse?.placing === undefined)
    return { state: 'waiting', detail: 'Parents are made with the next issue of their model.' };
  return { state: worse.placing.kind === 'child' ? 'ok' : 'degraded', detail: worse.placing.detail };
}

function newest(parents: readonly Link[]): readonly Link[] {
  return [...new Map(parents.map((link) => [link.threatId, link])).values()];
}

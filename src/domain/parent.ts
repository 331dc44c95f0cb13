import type { BlockDocument } from './block.ts';
import type { ParentRef, Placed, Placing } from './issue.ts';
import type { Link } from './link.ts';
import type { ThreatModel } from './threat.ts';

/** How issues are put under one parent, as the tracker said; `detail` is for people. */
export interface ParentPlacing {
  kind: Placing;
  detail: string;
}

/** Where one issue was put. `parentId` names the parent: the id of its link, or of the issue that the choice named. */
export interface ChildPlace {
  parentId: string;
  kind: Placed['kind'];
  key: string;
  url: string;
  since: string;
  reason?: string;
}

/** A parent as it is now: what issues are put under, and how. */
export interface ParentTarget {
  /** As `ChildPlace.parentId`. */
  id: string;
  issue: ParentRef;
  kind: Placing;
}

/** The parent that an issue's text names. */
export interface Mention {
  key: string;
  url: string;
}

/** Other issues that the text of one names. */
export interface Named {
  parent?: Mention | undefined;
  /** Those of mitigations that stand under other threats, by the mitigation's key. */
  elsewhere?: ReadonlyMap<string, Mention> | undefined;
}

/** The parent that the issue of this link names in its text, where the tracker shows no better relation. */
export function mentionOf({ placed }: Pick<Link, 'placed'>): Mention | undefined {
  return placed?.kind === 'mention' ? { key: placed.key, url: placed.url } : undefined;
}

/** The place of an issue under this parent. */
export function placeUnder({ id, issue }: ParentTarget, placed: Placed, since: string): ChildPlace {
  return { parentId: id, ...placed, key: issue.key, url: issue.url, since };
}

/** The words of a parent's title, before a tracker's text format neutralises and cuts them. */
export function parentTitle(model: Pick<ThreatModel, 'name'>): string {
  return `Threat model: ${model.name.trim() || 'unnamed'}`;
}

/** The managed block of a parent: written once. */
export function parentBlock(model: Pick<ThreatModel, 'name' | 'source'>): BlockDocument {
  const { path, repo } = model.source;
  return [
    {
      kind: 'paragraph',
      spans: [
        { text: 'The threats of this model stand under this issue, each in an issue of its own: ' },
        { text: model.name, style: 'strong' },
      ],
    },
    ...(path === undefined
      ? []
      : [
          {
            kind: 'paragraph' as const,
            spans: [
              { text: 'Where', style: 'strong' as const },
              { text: ': ' },
              { text: path, style: 'code' as const },
              ...(repo === undefined ? [] : [{ text: ` in ${repo}` }]),
            ],
          },
        ]),
    {
      kind: 'paragraph',
      spans: [
        {
          text: 'The threat-model sync made this issue, and neither changes nor closes it. Write what you like.',
          style: 'emphasis',
        },
      ],
    },
  ];
}

/** What a parent's mark is about, in place of a threat's key. */
export function parentKey(model: Pick<ThreatModel, 'id'>): string {
  return `parent:${model.id}`;
}

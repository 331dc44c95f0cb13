import type { BlockDocument, BlockNode, Span } from './block.ts';
import { mitigationHash } from './identity.ts';
import { mitigationsToDo, type ServedMitigation } from './mitigations.ts';
import type { Mention } from './parent.ts';
import type { Threat, ThreatModel } from './threat.ts';

/** Counted up when the template below changes: blocks are then rendered again. */
const TEMPLATE_VERSION = 1;

/** The words of a mitigation's title, before a tracker's text format neutralises and cuts them. Never empty. */
export function mitigationTitle({ mitigation }: ServedMitigation): string {
  return `Mitigation: ${mitigation.title.trim() || 'unnamed'}`;
}

/** What the block depends on: the words of the mitigation and of the threats it serves, not how far either is. */
export function mitigationVersion(served: ServedMitigation, parent?: Mention): string {
  const version = `${mitigationHash(served.mitigation, served.serves)}/${TEMPLATE_VERSION}`;
  return parent === undefined ? version : `${version}/${parent.key}`;
}

/** The managed block of a mitigation's issue: what to do, against what, and when it is done. */
export function mitigationBlock(
  served: ServedMitigation,
  model: Pick<ThreatModel, 'name' | 'source'>,
  parent?: Mention,
): BlockDocument {
  const { title, description = '' } = served.mitigation;
  const { path } = model.source;
  return [
    paragraph(strong('What to do')),
    { kind: 'quote', text: description.trim() === '' ? title : `${title}\n\n${description}` },
    paragraph(strong('Against')),
    {
      kind: 'list',
      items: served.serves.map((threat) => [{ text: `TM-${threat.number}: ${threat.title}` }]),
    },
    paragraph(strong('Done when'), {
      text: ': it is in place and tested. If it will not be done, close this issue as not planned.',
    }),
    paragraph(
      { text: 'When somebody has seen that it helps: add the label ' },
      { text: 'tm-verified', style: 'code' },
      { text: ' to the closed issue.' },
    ),
    paragraph(
      { text: `Model: ${model.name}` },
      ...(path === undefined ? [] : [{ text: ' (' }, { text: path, style: 'code' as const }, { text: ')' }]),
    ),
    ...(parent === undefined
      ? []
      : [paragraph({ text: 'Part of: ' }, { text: parent.key, href: parent.url })]),
    paragraph({
      text: 'This part is kept up to date by the threat-model sync. Write above or below it.',
      style: 'emphasis',
    }),
  ];
}

/** The one question on an issue of a threat that was closed as done while its mitigations are not. */
export function openWorkComment(threat: Pick<Threat, 'mitigations'>): BlockDocument {
  return [
    paragraph({
      text: 'This issue was closed as done, but not every mitigation of the threat is. Which is it? These are still to be done, each in an issue of its own:',
    }),
    { kind: 'list', items: mitigationsToDo(threat).map(({ title }) => [{ text: title }]) },
    paragraph({
      text: 'Close their issues (as not planned where they are not needed), or reopen this one. Until then the threat stays open.',
    }),
  ];
}

function strong(text: string): Span {
  return { text, style: 'strong' };
}

function paragraph(...spans: readonly Span[]): BlockNode {
  return { kind: 'paragraph', spans };
}

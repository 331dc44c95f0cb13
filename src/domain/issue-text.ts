import type { EndedAcceptance } from './acceptance.ts';
import type { BlockDocument, BlockNode, Span } from './block.ts';
import type { Mention, Named } from './parent.ts';
import type { MitigationStatus, Severity, Threat, ThreatModel } from './threat.ts';

/** Counted up when the template below changes: blocks are then rendered again. */
const TEMPLATE_VERSION = 1;

const MITIGATION_WORDS: Record<MitigationStatus, string> = {
  proposed: 'not started',
  'in-progress': 'in progress',
  done: 'done',
  verified: 'verified',
  rejected: 'rejected',
  unknown: 'state unknown',
};

const SEVERITY_WORDS: Record<Severity, string> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  unspecified: 'Severity not set',
};

/** The words of an issue's title, before a tracker's text format neutralises and cuts them. Never empty. */
export function titleOf(threat: Pick<Threat, 'title' | 'category' | 'element'>): string {
  const title = threat.title.trim() || threat.category.values.join(', ') || 'Unnamed threat';
  const element = threat.element?.name.trim() ?? '';
  return element === '' ? `Threat: ${title}` : `Threat: ${title} (${element})`;
}

/**
 * What the block depends on, in the threat's words. Neither status nor file revision nor date is part of it: closing a
 * threat costs one write, and a new commit of an unchanged model none.
 */
export function blockVersion(threat: Pick<Threat, 'contentHash'>, { parent, elsewhere }: Named = {}): string {
  const version = `${threat.contentHash}/${TEMPLATE_VERSION}`;
  const others = [...(elsewhere ?? [])].map(([key, issue]) => `/${key}=${issue.key}`);
  return [version, ...(parent === undefined ? [] : [`/${parent.key}`]), ...others.toSorted()].join('');
}

/** The managed block of a threat's issue. Empty parts are left out; the parent is named where it shows nowhere else. */
export function blockOf(
  threat: Threat,
  model: Pick<ThreatModel, 'name' | 'source'>,
  { parent, elsewhere }: Named = {},
): BlockDocument {
  return [
    headline(threat),
    ...where(threat),
    ...what(threat),
    ...remedies(threat, elsewhere),
    ...closing(threat, model, parent),
  ];
}

function strong(text: string): Span {
  return { text, style: 'strong' };
}
function paragraph(...spans: readonly Span[]): BlockNode {
  return { kind: 'paragraph', spans };
}

function headline(threat: Threat): BlockNode {
  const category = threat.category.values.join(', ');
  const rest = category === '' ? '' : ` · ${category} (${threat.category.taxonomy})`;
  return paragraph(strong(SEVERITY_WORDS[threat.severity]), { text: rest });
}

function where({ element }: Threat): BlockNode[] {
  if (element === undefined || element.name === '') return [];
  const diagram = element.diagram === undefined ? '' : `, diagram "${element.diagram}"`;
  return [paragraph(strong('Where'), { text: `: ${element.name} (${element.kind}${diagram})` })];
}

function what(threat: Threat): BlockNode[] {
  if (threat.description.trim() === '') return [];
  return [paragraph(strong('What can go wrong')), { kind: 'quote', text: threat.description }];
}

function remedies(threat: Threat, elsewhere: Named['elsewhere']): BlockNode[] {
  const head = paragraph(strong('What to do'));
  if (threat.mitigations.length === 0)
    return [head, paragraph({ text: 'No mitigation is recorded; propose one.' })];
  const items = threat.mitigations.map(({ key, title, description, status }): Span[] => [
    { text: description === undefined || description === '' ? title : `${title}: ${description}` },
    { text: ` (${MITIGATION_WORDS[status]})`, style: 'emphasis' },
    ...see(elsewhere?.get(key)),
  ]);
  return [head, { kind: 'list', items }];
}

/** The issue of a mitigation that stands under another threat. */
function see(issue: Mention | undefined): Span[] {
  return issue === undefined ? [] : [{ text: ': see ' }, { text: issue.key, href: issue.url }];
}

function closing(
  threat: Threat,
  model: Pick<ThreatModel, 'name' | 'source'>,
  parent: Mention | undefined,
): BlockNode[] {
  const labels: Span[] = ['accepted', 'transferred', 'avoided', 'false-positive'].flatMap((word, index) => [
    { text: index === 0 ? ' ' : ', ' },
    { text: `tm-${word}`, style: 'code' },
  ]);
  const source: Span[] =
    model.source.path === undefined
      ? []
      : [{ text: ' (' }, { text: model.source.path, style: 'code' }, { text: ')' }];
  const more = [
    ...(threat.displayRef === undefined ? [] : [`reference ${threat.displayRef}`]),
    ...threat.references,
  ].map((each): Span => ({ text: ` · ${each}` }));
  return [
    paragraph(strong('Done when'), {
      text: ': every mitigation above is in place and tested, or the risk is accepted by its owner with a reason.',
    }),
    paragraph({ text: 'To accept, transfer, avoid or reject: add the label' }, ...labels, {
      text: ', then close.',
    }),
    paragraph({ text: `Model: ${model.name}` }, ...source, ...more),
    ...(parent === undefined
      ? []
      : [paragraph({ text: 'Part of: ' }, { text: parent.key, href: parent.url })]),
    paragraph({
      text: 'This part is kept up to date by the threat-model sync. Write above or below it.',
      style: 'emphasis',
    }),
  ];
}

/** The comment on an issue whose threat, or mitigation, has left its model. */
export function missingComment(
  model: Pick<ThreatModel, 'name'>,
  left: 'threat' | 'mitigation',
): BlockDocument {
  return [
    paragraph({
      text: `The ${left} behind this issue is no longer in the threat model "${model.name}". Nothing was closed: close this issue if the work is not needed any more.`,
    }),
  ];
}

/** The one question on an issue that was closed without saying why. */
export function questionComment(): BlockDocument {
  return [
    paragraph({
      text: 'This issue was closed without being done, and a closed issue must not silently accept a risk. Which is it?',
    }),
    {
      kind: 'list',
      items: [
        [{ text: 'tm-accepted', style: 'code' }, { text: ': the owner accepts the risk' }],
        [{ text: 'tm-transferred', style: 'code' }, { text: ': somebody else carries it' }],
        [{ text: 'tm-avoided', style: 'code' }, { text: ': what was at risk is gone' }],
        [{ text: 'tm-false-positive', style: 'code' }, { text: ': it is no threat' }],
      ],
    },
    paragraph({
      text: 'Add one of these labels, or close the issue as completed. Until then the threat stays open.',
    }),
  ];
}

/** The one comment on an issue whose status (or text) both sides changed. */
export function conflictComment(field: string): BlockDocument {
  return [
    paragraph({
      text: `The ${field} was changed here and in the threat model, differently. Nothing was overwritten; the conflict waits for a person in the threat-model sync.`,
    }),
  ];
}

/** The one comment on an issue that is open again because nobody has renewed the acceptance of its threat. */
export function endedComment({ on, owner, status }: EndedAcceptance): BlockDocument {
  const by = owner === undefined ? '' : ` by ${owner}`;
  const was = status === 'accepted' ? 'acceptance' : 'transfer';
  return [
    paragraph({
      text: `The ${was} of this risk${by} ended on ${on}, so the threat is open again. Mitigate it, or decide about it anew.`,
    }),
  ];
}

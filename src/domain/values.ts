import type { BlockDocument } from './block.ts';
import type { Mapping } from './integration.ts';
import type { Issue } from './issue.ts';
import { blockOf, blockVersion, titleOf } from './issue-text.ts';
import { mitigationBlock, mitigationTitle, mitigationVersion } from './mitigation-text.ts';
import { isMitigation, severityOf, statusOf, type Subject } from './mitigations.ts';
import type { Baseline, FieldKey, FieldValues, Link, Op } from './link.ts';
import type { Named } from './parent.ts';
import { hasLabel, putStatus, statusWordOf } from './status-words.ts';
import type { Severity, Threat, ThreatModel } from './threat.ts';

/** What the mapping needs to know of a tracker: pure functions and limits. */
export interface Shape {
  fields: ReadonlySet<FieldKey | 'label:*'>;
  showsActive: boolean;
  titleLimit: number;
  /** Characters left for the block. */
  blockLimit: number;
  /** Labels every issue of the integration gets. */
  labels: readonly string[];
  title(text: string, limit: number): string;
  block(document: BlockDocument, limit: number): string;
  canonTitle(text: string): string;
  canonBlock(text: string): string;
}

const PRESENT = 'present';
const STRIDE = [
  'spoofing',
  'tampering',
  'repudiation',
  'information-disclosure',
  'denial-of-service',
  'elevation-of-privilege',
];

/** Labels of a threat beside severity and status: the integration's own and its STRIDE categories. */
export function labelsOf({ category }: Pick<Threat, 'category'>, shape: Pick<Shape, 'labels'>): string[] {
  const slugs = category.values.map((value) => value.trim().toLowerCase().replaceAll(/\s+/g, '-'));
  const stride =
    category.taxonomy.toUpperCase() === 'STRIDE' ? slugs.filter((slug) => STRIDE.includes(slug)) : [];
  return [...new Set([...shape.labels, ...stride.map((slug) => `stride-${slug}`)])];
}

/** Can the integration set this label? One that has left its settings stays on old issues and is no field any more. */
function isOurs(label: string, shape: Pick<Shape, 'labels'>): boolean {
  return shape.labels.includes(label) || STRIDE.some((slug) => label === `stride-${slug}`);
}

/** The shared fields of the threat side in its own words: what must have changed for it to count as changed. */
export function threatValues(subject: Subject, shape: Shape, named: Named = {}): FieldValues {
  const severity = severityOf(subject);
  return only(shape, {
    status: statusOf(subject),
    ...(isMitigation(subject)
      ? { title: mitigationTitle(subject), block: mitigationVersion(subject, named.parent) }
      : { title: titleOf(subject), block: blockVersion(subject, named) }),
    severity,
    priority: severity,
    ...labelValues(isMitigation(subject) ? shape.labels : labelsOf(subject, shape)),
  });
}

/** What the issue should show for its subject, in the issue's words; `named` issues are named in its text. */
export function put(
  subject: Subject,
  model: Pick<ThreatModel, 'name' | 'source'>,
  mapping: Mapping,
  shape: Shape,
  named: Named = {},
): FieldValues {
  const severity = severityOf(subject);
  const [title, block] = isMitigation(subject)
    ? [mitigationTitle(subject), mitigationBlock(subject, model, named.parent)]
    : [titleOf(subject), blockOf(subject, model, named)];
  return only(shape, {
    status: putStatus(statusOf(subject), mapping, shape.showsActive),
    title: shape.canonTitle(shape.title(title, shape.titleLimit)),
    block: shape.canonBlock(shape.block(block, shape.blockLimit)),
    severity: mapping.severity.labels[severity] ?? null,
    ...priorityValue(severity, mapping),
    ...labelValues(isMitigation(subject) ? shape.labels : labelsOf(subject, shape)),
  });
}

/** What is asked for, given what the issue shows: under a threat, one that was verified is as good as closed. */
export function asShown(subject: Subject, wanted: FieldValues, shown: FieldValues): FieldValues {
  const isVerified = !isMitigation(subject) && wanted.status === 'mitigated' && shown.status === 'verified';
  return isVerified ? { ...wanted, status: 'verified' } : wanted;
}

/** What the issue shows now, for the fields that matter; a text that could not be read is left out: unknown. */
export function issueValues(
  issue: Issue,
  mapping: Mapping,
  shape: Shape,
  keys: Iterable<FieldKey>,
): FieldValues {
  const severities = Object.values(mapping.severity.labels).filter((label) => hasLabel(issue.labels, label));
  const labels: Partial<Record<FieldKey, string | null>> = {};
  for (const key of keys) {
    if (!isLabelKey(key)) continue;
    const label = key.slice('label:'.length);
    if (isOurs(label, shape)) labels[key] = hasLabel(issue.labels, label) ? PRESENT : null;
  }
  return only(shape, {
    status: statusWordOf(issue, mapping),
    title: shape.canonTitle(issue.title),
    ...blockValue(issue, shape),
    severity: severities.length === 0 ? null : severities.toSorted().join(', '),
    priority: issue.priority ?? null,
    ...labels,
  });
}

/** The fields that a decision about one link is about: wanted now, agreed once, or sent without an answer. */
export function keysBetween(
  wanted: FieldValues,
  base: Baseline | undefined,
  ops: readonly Pick<Op, 'payload'>[],
): ReadonlySet<FieldKey> {
  const sent = ops.map((op) => op.payload.issue);
  return new Set([wanted, base?.issue ?? {}, base?.threat ?? {}, ...sent].flatMap(keysOf));
}

export function isLabelKey(key: FieldKey): key is `label:${string}` {
  return key.startsWith('label:');
}

/** The keys of a values object, typed. */
export function keysOf(values: FieldValues): FieldKey[] {
  return Object.keys(values).filter(isFieldKey);
}

/** The fields of a link that wait for something, typed. */
export function keysOfFields(fields: Link['fields']): FieldKey[] {
  return Object.keys(fields).filter(isFieldKey);
}

const SCALARS: readonly string[] = ['status', 'title', 'block', 'severity', 'priority'];
function isFieldKey(text: string): text is FieldKey {
  return SCALARS.includes(text) || text.startsWith('label:');
}

function blockValue(issue: Issue, shape: Shape): FieldValues {
  switch (issue.block.kind) {
    case 'present':
      return { block: shape.canonBlock(issue.block.text) };
    case 'absent':
      return { block: null };
    case 'damaged':
    case 'unknown':
      return {};
  }
}

/** Without a configured priority the tracker's own is none of our business. */
function priorityValue(severity: Severity, mapping: Mapping): FieldValues {
  const priority = mapping.severity.priorities[severity];
  return priority === undefined ? {} : { priority };
}

function labelValues(labels: readonly string[]): FieldValues {
  const values: Partial<Record<FieldKey, string>> = {};
  for (const label of labels) values[`label:${label}`] = PRESENT;
  return values;
}

function only(shape: Pick<Shape, 'fields'>, values: FieldValues): FieldValues {
  const kept: Partial<Record<FieldKey, string | null>> = {};
  for (const key of keysOf(values)) {
    const value = values[key];
    if (value !== undefined && shape.fields.has(isLabelKey(key) ? 'label:*' : key)) kept[key] = value;
  }
  return kept;
}

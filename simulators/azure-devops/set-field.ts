import { findAccount } from './accounts.ts';
import { refuse } from './answers.ts';
import { asText } from './as-text.ts';
import type { Draft } from './draft.ts';
import { fieldOf, textOf, typeOf } from './draft.ts';
import { cleanHtml, cleanMarkdown } from './html.ts';
import { findNode, findProject } from './project-acts.ts';
import type { Field, FieldValue, State } from './state.ts';
import { isAccount } from './state.ts';
import { joinTags, splitTags } from './tags.ts';

/** Puts a value that came from outside into a draft, as the service understands it. `op` matters to tags only: `add` adds to them. */
export function setField(
  state: State,
  draft: Draft,
  name: string,
  value: unknown,
  op: 'add' | 'replace' = 'replace',
): void {
  const field = fieldOf(draft.project, name);
  draft.touched.add(field.referenceName);
  if (field.type === 'history') {
    draft.comment = cleanHtml(asText(value)).text;
    draft.dangers.set('comment', cleanHtml(asText(value)).dangers);
    return;
  }
  if (value === null || value === undefined || value === '') {
    draft.fields.delete(field.referenceName);
    return;
  }
  if (field.referenceName === 'System.TeamProject') moveTo(draft, asText(value));
  else if (field.referenceName === 'System.WorkItemType') draft.type = typeOf(draft.project, asText(value));
  const understood = valueOf(state, draft, field, value, op);
  if (understood === '') draft.fields.delete(field.referenceName);
  else draft.fields.set(field.referenceName, understood);
}

export function removeField(draft: Draft, name: string): void {
  const field = fieldOf(draft.project, name);
  draft.touched.add(field.referenceName);
  draft.fields.delete(field.referenceName);
}

function valueOf(
  state: State,
  draft: Draft,
  field: Field,
  value: unknown,
  op: 'add' | 'replace',
): FieldValue {
  if (field.isIdentity) return identityOf(state, field, value);
  if (field.referenceName === 'System.Tags') {
    const before = op === 'add' ? splitTags(textOf(draft.fields, field.referenceName)) : [];
    return joinTags(state, draft.project.organization, [...before, ...splitTags(asText(value))]);
  }
  switch (field.type) {
    case 'html':
      return cleaned(draft, field, asText(value));
    case 'integer':
    case 'double':
      return numberOf(field, value);
    case 'boolean':
      return value === true || value === 'true' || value === 1;
    case 'dateTime':
      return dateOf(field, value);
    case 'treePath':
      return pathOf(draft, field, asText(value));
    case 'string':
    case 'plainText':
    case 'history':
      return asText(value).trim();
  }
}

function cleaned(draft: Draft, field: Field, text: string): string {
  const isMarkdown = draft.formats.get(field.referenceName) === 'markdown';
  const result = isMarkdown ? cleanMarkdown(text) : cleanHtml(text);
  draft.dangers.set(field.referenceName, result.dangers);
  return result.text;
}

function identityOf(state: State, field: Field, value: unknown): FieldValue {
  const text =
    typeof value === 'object' && value !== null
      ? String(Object.entries(value).find(([key]) => key === 'uniqueName' || key === 'id')?.[1] ?? '')
      : asText(value);
  const account = isAccount(value) ? value : findAccount(state, text);
  if (account !== undefined) return account;
  throw refuse(
    400,
    'IdentityNotFoundException',
    `The identity value '${text}' for field '${field.name}' is an unknown identity.`,
  );
}

function numberOf(field: Field, value: unknown): number {
  const number = typeof value === 'number' ? value : Number(asText(value));
  if (Number.isFinite(number) && (field.type === 'double' || Number.isInteger(number))) return number;
  throw wrongType(field);
}

function dateOf(field: Field, value: unknown): string {
  const date = new Date(asText(value));
  if (Number.isNaN(date.getTime())) throw wrongType(field);
  return date.toISOString().replace(/\.?0+Z$/, 'Z');
}

function wrongType(field: Field): ReturnType<typeof refuse> {
  return refuse(
    400,
    'RuleValidationException',
    `TF401320: Rule Error for field ${field.name}. Error code: InvalidType.`,
  );
}

function pathOf(draft: Draft, field: Field, path: string): string {
  const nodes = field.referenceName === 'System.AreaPath' ? draft.project.areas : draft.project.iterations;
  const node = findNode(nodes, path.replace(/^\\+/, ''));
  if (node !== undefined) return node.path;
  throw refuse(
    400,
    'WorkItemTrackingTreeNodeNotFoundException',
    `TF401347: Invalid tree name given for work item ${draft.item?.id ?? -1}, field '${field.referenceName}'.`,
  );
}

/** To another project of the organization, where it lies at the root and keeps its id. */
function moveTo(draft: Draft, name: string): void {
  const target = findProject(draft.project.organization, name);
  if (target === undefined || target === draft.project) return;
  draft.project = target;
  draft.type = typeOf(target, draft.type.name);
  draft.fields.set('System.AreaPath', target.name);
  draft.fields.set('System.IterationPath', target.name);
}

import type { Field, FieldType } from './state.ts';

/** Fields that only the service itself writes. */
const READ_ONLY = [
  ['System.Id', 'ID', 'integer'],
  ['System.Rev', 'Rev', 'integer'],
  ['System.Watermark', 'Watermark', 'integer'],
  ['System.AreaId', 'Area ID', 'integer'],
  ['System.IterationId', 'Iteration ID', 'integer'],
  ['System.NodeName', 'Node Name', 'string'],
  ['System.CreatedDate', 'Created Date', 'dateTime'],
  ['System.CreatedBy', 'Created By', 'identity'],
  ['System.ChangedDate', 'Changed Date', 'dateTime'],
  ['System.ChangedBy', 'Changed By', 'identity'],
  ['System.CommentCount', 'Comment Count', 'integer'],
  ['System.Parent', 'Parent', 'integer'],
  ['System.IsDeleted', 'Is Deleted', 'boolean'],
  ['Microsoft.VSTS.Common.StateChangeDate', 'State Change Date', 'dateTime'],
  ['Microsoft.VSTS.Common.ClosedDate', 'Closed Date', 'dateTime'],
  ['Microsoft.VSTS.Common.ClosedBy', 'Closed By', 'identity'],
] as const;

const WRITABLE = [
  ['System.Title', 'Title', 'string'],
  ['System.Description', 'Description', 'html'],
  ['System.State', 'State', 'string'],
  ['System.Reason', 'Reason', 'string'],
  ['System.AssignedTo', 'Assigned To', 'identity'],
  ['System.Tags', 'Tags', 'plainText'],
  ['System.History', 'History', 'history'],
  ['System.AreaPath', 'Area Path', 'treePath'],
  ['System.IterationPath', 'Iteration Path', 'treePath'],
  ['System.TeamProject', 'Team Project', 'string'],
  ['System.WorkItemType', 'Work Item Type', 'string'],
  ['Microsoft.VSTS.Common.Priority', 'Priority', 'integer'],
  ['Microsoft.VSTS.Common.Severity', 'Severity', 'string'],
  ['Microsoft.VSTS.Common.AcceptanceCriteria', 'Acceptance Criteria', 'html'],
  ['Microsoft.VSTS.Common.ValueArea', 'Value Area', 'string'],
  ['Microsoft.VSTS.TCM.ReproSteps', 'Repro Steps', 'html'],
  ['Microsoft.VSTS.TCM.SystemInfo', 'System Info', 'html'],
  ['Microsoft.VSTS.Scheduling.DueDate', 'Due Date', 'dateTime'],
] as const;

/** The fields that every organization has; keys are lower case. */
export function systemFields(): Map<string, Field> {
  const rows = [
    ...READ_ONLY.map((row) => [...row, true] as const),
    ...WRITABLE.map((row) => [...row, false] as const),
  ];
  const fields = rows.map(([referenceName, name, type, readOnly]) =>
    newField(referenceName, name, type, readOnly),
  );
  return new Map(fields.map((field) => [field.referenceName.toLowerCase(), field]));
}

export function newField(
  referenceName: string,
  name: string,
  type: FieldType | 'identity',
  readOnly = false,
): Field {
  const isIdentity = type === 'identity';
  return { referenceName, name, type: isIdentity ? 'string' : type, isIdentity, readOnly };
}

/** The field of that reference name or, as in queries, of that name. */
export function findField(fields: ReadonlyMap<string, Field>, name: string): Field | undefined {
  const wanted = name.toLowerCase();
  return fields.get(wanted) ?? [...fields.values()].find((field) => field.name.toLowerCase() === wanted);
}

/** Whether the field holds a long text, which listings leave out. */
export function isLongText({ type }: Field): boolean {
  return type === 'html' || type === 'history';
}

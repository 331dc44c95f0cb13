import { z } from 'zod';

/** What we read of Azure DevOps' answers; fields that we do not use may be anything. */

const Id = z.int().positive();
const Time = z.iso.datetime({ offset: true }).transform((time) => new Date(time).toISOString());
const Text = z.string().nullish();

const Person = z.object({ id: z.string().nullish(), displayName: z.string().nullish() });

export const AzureWorkItem = z.object({
  id: Id,
  rev: Id,
  fields: z.object({
    'System.Title': z.string(),
    'System.State': z.string(),
    'System.Reason': Text,
    'System.WorkItemType': z.string(),
    'System.TeamProject': z.string(),
    'System.Tags': Text,
    'System.Description': Text,
    'Microsoft.VSTS.TCM.ReproSteps': Text,
    'Microsoft.VSTS.Common.Priority': z.union([z.number(), z.string()]).nullish(),
    'Microsoft.VSTS.Common.Severity': Text,
    'Microsoft.VSTS.Scheduling.DueDate': Text,
    'System.AssignedTo': Person.nullish(),
    'System.CreatedBy': Person.nullish(),
    'System.CreatedDate': Time,
    'System.ChangedDate': Time,
    'System.CommentCount': z.int().nonnegative().nullish(),
  }),
});
export type AzureWorkItem = z.infer<typeof AzureWorkItem>;

export const AzureRelated = z.object({
  rev: Id,
  relations: z.array(z.object({ rel: z.string(), url: z.string() })).nullish(),
});

/** What each save changed; a state that stayed is left out. */
const NewText = z.object({ newValue: Text }).nullish();
const AzureUpdate = z.object({
  rev: Id,
  revisedBy: Person.nullish(),
  revisedDate: z.string().nullish(),
  fields: z
    .object({ 'System.State': NewText, 'System.Title': NewText, 'System.ChangedDate': NewText })
    .nullish(),
});
export type AzureUpdate = z.infer<typeof AzureUpdate>;
export const AzureUpdates = z.object({ value: z.array(AzureUpdate) });

/** What is not there, or not for us, is `null`. */
export const AzureWorkItems = z.object({ value: z.array(AzureWorkItem.nullable()) });

export const AzureComment = z.object({
  id: Id,
  text: Text,
  format: Text,
  createdBy: Person.nullish(),
  createdDate: Time,
  modifiedDate: Time.nullish(),
});
export type AzureComment = z.infer<typeof AzureComment>;
export const AzureComments = z.object({
  comments: z.array(AzureComment),
  continuationToken: z.string().nullish(),
});

export const AzureFound = z.object({ workItems: z.array(z.object({ id: Id })) });

/** A deleted work item: what the recycle bin says of it. */
export const AzureRecycled = z.object({ id: z.union([Id, z.string()]), deletedDate: Text });

export const AzureRevisions = z.object({
  values: z.array(z.object({ id: Id })),
  continuationToken: z.string().min(1),
  isLastBatch: z.boolean(),
});

/** One of a batch of saves. Its body is JSON inside a text. */
export const AzureBatchAnswers = z.object({
  value: z.array(z.object({ code: z.int(), body: z.unknown() })),
});

const FieldUse = z.object({
  referenceName: z.string(),
  name: z.string().nullish(),
  alwaysRequired: z.boolean().nullish(),
  allowedValues: z.array(z.unknown()).nullish(),
});
export const AzureTypeFields = z.object({ value: z.array(FieldUse) });

const State = z.object({ name: z.string(), category: z.string() });

export const AzureType = z.object({
  name: z.string(),
  states: z.array(State),
  transitions: z.record(z.string(), z.array(z.object({ to: z.string() })).nullable()).nullish(),
  fields: z.array(FieldUse).nullish(),
});
export type AzureType = z.infer<typeof AzureType>;

export const AzureProject = z.object({
  id: z.string().min(1),
  name: z.string(),
  state: Text,
  /** `private`, `public`, or `organization` for what everybody in it may see. */
  visibility: Text,
});
export type AzureProject = z.infer<typeof AzureProject>;

export const AzureConnection = z.object({
  authenticatedUser: z.object({
    id: z.string().min(1),
    providerDisplayName: Text,
    properties: z
      .object({ Account: z.object({ $value: Text }).nullish() })
      .nullish()
      .catch(undefined),
  }),
});

export const AzureSubscription = z.object({
  id: z.string().min(1),
  status: z.string(),
  eventType: z.string(),
  publisherInputs: z.record(z.string(), z.unknown()).nullish(),
  consumerInputs: z.record(z.string(), z.unknown()).nullish(),
});
export type AzureSubscription = z.infer<typeof AzureSubscription>;
export const AzureSubscriptions = z.object({ value: z.array(AzureSubscription) });

/** An access token of Entra ID. */
export const EntraGrant = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number() });

/** What the deliveries of service hooks about work items have in common. */
export const AzureDelivery = z.object({
  id: z.string().min(1),
  subscriptionId: z.string().nullish(),
  eventType: z.string(),
  resource: z
    .object({
      id: z.int().nullish(),
      workItemId: z.int().nullish(),
      url: Text,
    })
    .nullish(),
  resourceContainers: z
    .object({ project: z.object({ id: Text }).nullish() })
    .nullish()
    .catch(undefined),
});
export type AzureDelivery = z.infer<typeof AzureDelivery>;

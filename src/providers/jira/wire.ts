import { z } from 'zod';

/** What we read of Jira's answers; fields that we do not use may be anything. */

const Id = z.string().regex(/^\d{1,20}$/);

/** Jira writes `2026-11-22T09:00:00.000+0000`, or a number of milliseconds in webhooks. */
const Time = z
  .union([z.string(), z.number()])
  .transform((written) => new Date(written))
  .refine((date) => !Number.isNaN(date.getTime()), 'is no time')
  .transform((date) => date.toISOString());

/** Cloud names people by `accountId`, Data Center by `key` (which never changes) and `name`. */
export const JiraUser = z.object({
  accountId: z.string().optional(),
  key: z.string().optional(),
  name: z.string().optional(),
  displayName: z.string().optional(),
});
export type JiraUser = z.infer<typeof JiraUser>;

/** Whoever is signed in, in an answer of `myself`. */
export const JiraMyself = JiraUser.refine(
  (user) => [user.accountId, user.key, user.name].some((id) => id !== undefined && id !== ''),
  'names nobody',
);

export const JiraStatus = z.object({
  id: z.string(),
  name: z.string(),
  statusCategory: z.object({ key: z.string() }).optional(),
});
export type JiraStatus = z.infer<typeof JiraStatus>;

const Named = z.object({ id: z.string().optional(), name: z.string() });

export const JiraComment = z.object({
  id: z.string(),
  author: JiraUser.nullish(),
  body: z.unknown(),
  created: Time,
  updated: Time,
});
export type JiraComment = z.infer<typeof JiraComment>;

export const JiraComments = z.object({
  comments: z.array(JiraComment),
  total: z.int().nonnegative(),
});

export const JiraIssue = z.object({
  id: Id,
  key: z.string().min(1),
  fields: z.object({
    summary: z.string(),
    description: z.unknown(),
    status: JiraStatus,
    resolution: Named.nullish(),
    priority: Named.nullish(),
    labels: z.array(z.string()).nullish(),
    assignee: JiraUser.nullish(),
    creator: JiraUser.nullish(),
    duedate: z.string().nullish(),
    created: Time,
    updated: Time,
    project: z.object({ id: z.string(), key: z.string() }),
    comment: JiraComments.nullish(),
  }),
  properties: z.record(z.string(), z.unknown()).optional(),
});
export type JiraIssue = z.infer<typeof JiraIssue>;

/** Everything has a `toString`: where Jira leaves it out, it would be the one that every object inherits. */
const ChangedField = z
  .preprocess(
    (item) => (typeof item === 'object' ? { __proto__: null, ...item } : item),
    z.object({ field: z.string(), to: z.string().nullish(), toString: z.string().nullish() }),
  )
  .transform(({ field, to, toString: toText }) => ({ field, to, toText }));

const Change = z.object({
  author: JiraUser.nullish(),
  created: Time,
  items: z.array(ChangedField),
});
export type JiraChange = z.infer<typeof Change>;

/** A page of the histories of several issues on Cloud. */
export const JiraChangelogs = z.object({
  issueChangeLogs: z.array(z.object({ issueId: Id, changeHistories: z.array(Change) })),
  nextPageToken: z.string().nullish(),
});

/** An issue of a Data Center with its whole history. */
export const JiraWithChangelog = z.object({ changelog: z.object({ histories: z.array(Change) }) });

/** Answers of bulkfetch: what is not there, or not for us, is left out. */
export const JiraFetched = z.object({
  issues: z.array(JiraIssue),
  issueErrors: z.array(z.object({ id: z.string().optional() })).optional(),
});

/** The few fields that listing changes needs. */
export const JiraHint = z.object({ id: Id, key: z.string().min(1), fields: z.object({ updated: Time }) });
export type JiraHint = z.infer<typeof JiraHint>;

/** A page of a search: `nextPageToken` on Cloud, `startAt` and `total` on Data Center. */
export function jiraPage<T extends z.ZodType>(issue: T) {
  return z.object({
    issues: z.array(issue),
    nextPageToken: z.string().nullish(),
    startAt: z.int().optional(),
    total: z.int().optional(),
  });
}

export const JiraCreated = z.object({ id: Id, key: z.string() });

/** `issues` leaves out what failed: positions have to be counted. */
export const JiraBulkCreated = z.object({
  issues: z.array(JiraCreated).optional(),
  errors: z
    .array(
      z.object({
        failedElementNumber: z.int().nonnegative(),
        status: z.int().optional(),
        elementErrors: z.unknown().optional(),
      }),
    )
    .optional(),
});

/** Why Jira said no; `errors` by field. */
export const JiraRefusal = z.object({
  errorMessages: z.array(z.string()).optional().catch(undefined),
  errors: z.record(z.string(), z.string()).optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});

const ScreenField = z.object({
  name: z.string().optional(),
  required: z.boolean().optional(),
  hasDefaultValue: z.boolean().optional(),
  schema: z
    .object({
      type: z.string().optional(),
      items: z.string().optional(),
      custom: z.string().optional(),
    })
    .optional()
    .catch(undefined),
  allowedValues: z
    .array(z.object({ id: z.string().optional(), name: z.string().optional(), value: z.string().optional() }))
    .optional()
    .catch(undefined),
});
export type ScreenField = z.infer<typeof ScreenField>;

export const JiraTransition = z.object({
  id: z.string(),
  name: z.string(),
  to: JiraStatus,
  isAvailable: z.boolean().optional(),
  fields: z.record(z.string(), ScreenField).optional(),
});
export type JiraTransition = z.infer<typeof JiraTransition>;
export const JiraTransitions = z.object({ transitions: z.array(JiraTransition) });

export const JiraProjectShape = z.object({
  id: z.string().min(1),
  key: z.string().min(1),
  name: z.string(),
  archived: z.boolean().optional(),
});
export type JiraProjectShape = z.infer<typeof JiraProjectShape>;

export const JiraServerInfo = z.object({
  baseUrl: z.string().optional(),
  deploymentType: z.string().optional(),
  version: z.string().optional(),
});

export const JiraPermissions = z.object({
  permissions: z.record(z.string(), z.object({ havePermission: z.boolean().optional() })),
});

const CreateField = ScreenField.extend({ fieldId: z.string().optional(), key: z.string().optional() });
/** `fields` on Cloud, `values` on Data Center. */
export const JiraCreateMeta = z
  .object({ fields: z.array(CreateField).optional(), values: z.array(CreateField).optional() })
  .transform(({ fields, values }) => fields ?? values ?? []);
export type JiraCreateMeta = z.infer<typeof JiraCreateMeta>;

export const JiraType = z.object({
  id: z.string().min(1),
  name: z.string(),
  subtask: z.boolean().optional(),
  /** Cloud only: 0 is an ordinary issue, 1 an epic, -1 a sub-task. */
  hierarchyLevel: z.int().optional(),
});
export type JiraType = z.infer<typeof JiraType>;

/** `issueTypes` on Cloud, `values` on Data Center. */
export const JiraTypes = z
  .object({ issueTypes: z.array(JiraType).optional(), values: z.array(JiraType).optional() })
  .transform(({ issueTypes, values }) => issueTypes ?? values ?? []);

export const JiraTyped = z.object({ fields: z.object({ issuetype: JiraType }) });

const Linked = z.object({ id: z.string() });
/** Where an issue stands; an epic's key is in a custom field. */
export const JiraPlaceOf = z.object({
  fields: z.looseObject({
    parent: z.object({ key: z.string() }).nullish(),
    issuelinks: z
      .array(z.object({ inwardIssue: Linked.optional(), outwardIssue: Linked.optional() }))
      .nullish(),
  }),
});

export const JiraLinkTypes = z.object({ issueLinkTypes: z.array(z.object({ name: z.string() })) });

export const JiraTypeStatuses = z.array(
  z.object({ id: z.string(), name: z.string(), statuses: z.array(JiraStatus) }),
);
export type JiraTypeStatuses = z.infer<typeof JiraTypeStatuses>;

/** A page on Cloud, a plain list on Data Center. */
export const JiraPriorities = z.union([
  z.array(Named),
  z.object({ values: z.array(Named) }).transform(({ values }) => values),
]);

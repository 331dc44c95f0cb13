import { z } from 'zod';

/** What we read of GitHub's answers; fields that we do not use may be anything. */

const Id = z.int().positive();
const Account = z.object({ id: Id, login: z.string() });

export const GithubUser = Account;

export const GithubInstallationToken = z.object({ token: z.string().min(1), expires_at: z.iso.datetime() });

/** Permissions by GitHub's names (`issues`), each `read`, `write` or `admin`. */
export const GithubInstallation = z.object({
  app_slug: z.string().min(1),
  suspended_at: z.string().nullish(),
  permissions: z.record(z.string(), z.string()),
});
export type GithubInstallation = z.infer<typeof GithubInstallation>;

const LabelName = z.object({ name: z.string() });
const Label = z.union([z.string(), LabelName.transform((label) => label.name)]);
export const GithubLabels = z.array(Label);

export const GithubIssue = z.object({
  /** Of the database: what sub-issues are named by. */
  id: Id.optional(),
  node_id: z.string().min(1),
  number: Id,
  html_url: z.string(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']),
  state_reason: z.string().nullish(),
  labels: z.array(Label),
  assignees: z.array(Account).nullish(),
  milestone: z.object({ due_on: z.string().nullish() }).nullish(),
  user: Account.nullish(),
  comments: z.int().nonnegative().optional(),
  repository_url: z.string().optional(),
  /** Absent: the server has no sub-issues. */
  sub_issues_summary: z.unknown().optional(),
  parent_issue_url: z.string().nullish(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  pull_request: z.unknown().optional(),
});
export type GithubIssue = z.infer<typeof GithubIssue>;
export const GithubIssues = z.array(GithubIssue);

/** The few fields that listing changes needs. */
export const GithubIssueHints = z.array(
  z.object({
    node_id: z.string().min(1),
    number: Id,
    updated_at: z.iso.datetime(),
    pull_request: z.unknown().optional(),
  }),
);

export const GithubComment = z.object({
  id: Id,
  body: z.string().nullish(),
  user: Account.nullish(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type GithubComment = z.infer<typeof GithubComment>;
export const GithubComments = z.array(GithubComment);

/** Something that happened to an issue. */
export const GithubEvents = z.array(
  z.object({
    event: z.string(),
    actor: Account.nullish(),
    created_at: z.iso.datetime(),
    state_reason: z.string().nullish(),
    rename: z.object({ to: z.string() }).nullish(),
  }),
);

export const GithubRepository = z.object({
  id: Id,
  full_name: z.string(),
  html_url: z.string(),
  private: z.boolean(),
  visibility: z.string().optional(),
  has_issues: z.boolean().optional(),
  archived: z.boolean().optional(),
  disabled: z.boolean().optional(),
  permissions: z
    .object({ push: z.boolean().optional(), triage: z.boolean().optional(), admin: z.boolean().optional() })
    .optional(),
});
export type GithubRepository = z.infer<typeof GithubRepository>;

export const GithubHook = z.object({
  id: Id,
  active: z.boolean(),
  config: z.object({ url: z.string().optional() }),
});
export const GithubHooks = z.array(GithubHook);

const Connection = <T extends z.ZodType>(node: T) => z.object({ nodes: z.array(node) });
const Login = z.object({
  __typename: z.string().optional(),
  login: z.string(),
  databaseId: z.number().nullish(),
});

const GraphqlComment = z.object({
  databaseId: z.number(),
  author: Login.nullish(),
  body: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** One issue as GraphQL shows it. `body` is absent only in a partial answer. */
export const GraphqlIssue = z.object({
  id: z.string().min(1),
  number: Id,
  url: z.string(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.enum(['OPEN', 'CLOSED']),
  stateReason: z.string().nullish(),
  labels: Connection(LabelName).nullish(),
  assignees: Connection(z.object({ login: z.string() })).nullish(),
  author: Login.nullish(),
  comments: Connection(GraphqlComment).nullish(),
  milestone: z.object({ dueOn: z.string().nullish() }).nullish(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  repository: z.object({ databaseId: Id, nameWithOwner: z.string() }),
});
export type GraphqlIssue = z.infer<typeof GraphqlIssue>;

export type GraphqlActor = z.infer<typeof Login>;

/** What happened to one issue, as GraphQL shows it; an edit's `diff` is the whole text after it. */
export const GraphqlHistory = z.object({
  timelineItems: Connection(
    z.object({
      __typename: z.enum(['ClosedEvent', 'ReopenedEvent', 'RenamedTitleEvent']),
      createdAt: z.iso.datetime(),
      actor: Login.nullish(),
      stateReason: z.string().nullish(),
      currentTitle: z.string().optional(),
    }),
  ),
  userContentEdits: Connection(
    z.object({ editedAt: z.iso.datetime(), diff: z.string().nullish(), editor: Login.nullish() }),
  ).nullish(),
});

export const GraphqlAnswer = z.object({
  data: z.object({ nodes: z.array(z.unknown()) }).nullish(),
  errors: z
    .array(
      z.object({
        type: z.string().optional(),
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).nullish(),
      }),
    )
    .optional(),
});

/** What webhook deliveries about issues have in common. */
export const GithubDelivery = z.object({
  action: z.string().optional(),
  repository: z.object({ id: Id }).optional(),
  issue: z
    .object({ node_id: z.string().min(1), number: Id, pull_request: z.unknown().optional() })
    .optional(),
});
export type GithubDelivery = z.infer<typeof GithubDelivery>;

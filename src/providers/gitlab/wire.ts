import { z } from 'zod';

/** What we read of GitLab's answers; fields that we do not use may be anything. */

const Id = z.int().positive();
/** Servers in another time zone answer with an offset; everything inside is UTC. */
const Time = z.iso.datetime({ offset: true }).transform((time) => new Date(time).toISOString());
const Account = z.object({ id: Id, username: z.string(), name: z.string().nullish() });

export const GitlabUser = Account;

export const GitlabIssue = z.object({
  id: Id,
  iid: Id,
  project_id: Id,
  title: z.string(),
  /** Absent in a half answer, which then is no verdict on the text. */
  description: z.string().nullish(),
  state: z.enum(['opened', 'closed']),
  /** With `with_labels_details` they would be objects; we never ask for those. */
  labels: z.array(z.string()),
  assignees: z.array(Account).nullish(),
  author: Account.nullish(),
  due_date: z.string().nullish(),
  web_url: z.string(),
  created_at: Time,
  updated_at: Time,
  issue_type: z.string().nullish(),
  moved_to_id: Id.nullish(),
  user_notes_count: z.int().nonnegative().nullish(),
  _links: z.object({ closed_as_duplicate_of: z.string().nullish() }).nullish(),
});
export type GitlabIssue = z.infer<typeof GitlabIssue>;
export const GitlabIssues = z.array(GitlabIssue);

/** Something that happened to an issue's state. */
export const GitlabStateEvents = z.array(
  z.object({ state: z.string(), user: Account.nullish(), created_at: Time }),
);

/** The few fields that listing changes needs. */
export const GitlabIssueHints = z.array(z.object({ id: Id, iid: Id, updated_at: Time }));

export const GitlabNote = z.object({
  id: Id,
  body: z.string().nullish(),
  author: Account.nullish(),
  system: z.boolean().optional(),
  created_at: Time,
  updated_at: Time,
});
export type GitlabNote = z.infer<typeof GitlabNote>;
export const GitlabNotes = z.array(GitlabNote);
export type GitlabNotes = z.infer<typeof GitlabNotes>;

export const GitlabProject = z.object({
  id: Id,
  path_with_namespace: z.string(),
  web_url: z.string(),
  /** Absent where the caller may see little of the project. */
  visibility: z.enum(['public', 'internal', 'private']).nullish(),
  archived: z.boolean().nullish(),
  issues_enabled: z.boolean().nullish(),
  /** `disabled`, `private` (members only) or `enabled`. */
  issues_access_level: z.string().nullish(),
  marked_for_deletion_on: z.string().nullish(),
});
export type GitlabProject = z.infer<typeof GitlabProject>;

export const GitlabMember = z.object({ access_level: z.int() });

export const GitlabToken = z.object({
  name: z.string().nullish(),
  scopes: z.array(z.string()),
  active: z.boolean().nullish(),
  revoked: z.boolean().nullish(),
  expires_at: z.string().nullish(),
});
export type GitlabToken = z.infer<typeof GitlabToken>;

export const GitlabHook = z.object({
  id: Id,
  url: z.string(),
  alert_status: z.string().nullish(),
  disabled_until: z.string().nullish(),
  /** Absent on servers older than 19.0, which know no signing tokens. */
  signing_token_present: z.boolean().nullish(),
});
export type GitlabHook = z.infer<typeof GitlabHook>;
export const GitlabHooks = z.array(GitlabHook);

export const GitlabGrant = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  /** Seconds. */
  expires_in: z.number().positive().nullish(),
});

/** What webhook deliveries about issues and comments have in common. */
export const GitlabDelivery = z.object({
  object_kind: z.string(),
  project: z.object({ id: Id }).nullish(),
  object_attributes: z
    .object({
      id: Id,
      iid: Id.nullish(),
      action: z.string().nullish(),
      type: z.string().nullish(),
      noteable_type: z.string().nullish(),
    })
    .nullish(),
  issue: z.object({ id: Id, iid: Id }).nullish(),
});
export type GitlabDelivery = z.infer<typeof GitlabDelivery>;

/** Whom Jira tells what, and what texts make happen. */
import type { Change, Comment, Issue, User } from './state.ts';

export interface HookDelivery {
  identifier: string;
  event: string;
  /** 0 at the first try. */
  retry: number;
  deliveredAt: Date;
  requestHeaders: Readonly<Record<string, string>>;
  body: string;
  /** 0: no answer. */
  statusCode: number;
}

/** `admin`: Cloud's `/rest/webhooks/1.0`; `dynamic`: an OAuth app's; `server`: Data Center's `/rest/jira-webhook/1.0`. */
export interface Hook {
  id: number;
  kind: 'admin' | 'dynamic' | 'server';
  name: string;
  url: string;
  events: readonly string[];
  jql: string;
  excludeBody: boolean;
  enabled: boolean;
  secret?: string;
  clientId?: string;
  expiresAt?: Date;
  fieldIds: readonly string[];
  propertyKeys: readonly string[];
  lastUpdated: Date;
  lastUpdatedBy: User;
  deliveries: HookDelivery[];
}

/** Something that Jira tells hooks. */
export interface Notice {
  event: string;
  typeName?: string;
  issue: Issue;
  user: User;
  change?: Change;
  comment?: Comment;
  property?: string;
  flow: 'Primary' | 'Secondary';
}

/** What hostile text did: somebody was notified, or a macro, image or script was rendered. */
export interface Executed {
  kind: 'mention' | 'macro' | 'image' | 'script';
  /** The account, the macro's name, or the address. */
  what: string;
  issueKey: string;
  where: 'summary' | 'description' | 'comment';
}

import type { z } from 'zod';
import type { BlockDocument } from '../domain/block.ts';
import type { BoundProject, ProviderId } from '../domain/integration.ts';
import type {
  Issue,
  IssueRef,
  IssueWrite,
  LookBack,
  ParentRef,
  PastChange,
  ReadOutcome,
  WriteOutcome,
} from '../domain/issue.ts';
import type { FieldKey } from '../domain/link.ts';
import type { ParentPlacing } from '../domain/parent.ts';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from './clock.ts';
import type { Hooks } from './hooks.ts';

/** One request to a tracker. `path` is joined to the connection's API root; it never carries a host. */
export interface TrackerRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with `/`; segments already encoded by the provider. */
  path: string;
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as a form, where no JSON is taken (Entra ID). */
  form?: Readonly<Record<string, string>>;
  /** A POST that only reads (GraphQL queries, searches): it may be repeated like a GET. */
  reads?: boolean;
  /** An absolute URL the tracker named (a `next` link): must have the connection's origin, else refused. Wins over `path`. */
  url?: string;
  /** Counted against the tracker's limit for created content (issues, comments). */
  createsContent?: boolean;
  /** Much work for the tracker, such as a batch of saves: its answer may take four times as long as others. */
  slow?: boolean;
  /** Sent unsigned, to see what everybody may see. */
  anonymous?: boolean;
}

/**
 * Any HTTP answer, including 4xx: the provider judges it. `json` is undefined when the body is no JSON. The
 * transport itself throws a `TrackerError` on no answer, 429 and 403 rate limits it cannot wait out, and 5xx
 * after its retries.
 */
export interface TrackerResponse {
  status: number;
  headers: Headers;
  json: unknown;
  text: string;
}

/** The only door out of the house; the transport behind it guards, signs, paces, retries and measures. */
export type Send = (request: TrackerRequest, signal: AbortSignal) => Promise<TrackerResponse>;

/** What an answer says about our pace. Times are ISO. */
export interface Pace {
  remaining?: number;
  limit?: number;
  resetsAt?: string;
  /** No call before this. */
  resumeAt?: string;
  /** Only what this request was about has to wait, until then; everything else goes on. */
  itemResumeAt?: string;
  /** Which of the tracker's budgets `remaining` is of, where it has several (GitHub's core and graphql). */
  bucket?: string;
}

export interface Capabilities {
  /** The shared fields this tracker can hold (`label:*` stands for all labels); the others stay out of the merge. */
  fields: ReadonlySet<FieldKey | 'label:*'>;
  readsPerRequest: number;
  writesPerRequest: number;
  /**
   * Updates after which the history is asked whether somebody came between a look and its write; absent: a write tests the
   * version that it was decided on, and nobody can.
   */
  updatesPerLookBack?: number;
  /** The published limits we keep below before any answer has told us more; absent = the host publishes none. */
  requestsPerMinute?: number;
  createsPerMinute?: number;
  createsPerHour?: number;
  concurrency: number;
  /** The tracker has a status of its own for work in progress. */
  showsActive: boolean;
  /** A status is changed in several calls, or together with labels in another one: a failure may leave it in between. */
  statusInSteps: boolean;
  /** Wait before an issue is believed absent after a create of unknown outcome. */
  settleMs: number;
  titleLimit: number;
  bodyLimit: number;
}

export type CheckName =
  | 'reachable'
  | 'tls'
  | 'token'
  | 'scopes'
  | 'expiry'
  | 'project'
  | 'visibility'
  | 'create-issues'
  | 'edit-issues'
  | 'close-issues'
  | 'issue-type'
  | 'required-fields'
  | 'statuses'
  | 'priorities'
  | 'labels'
  | 'hierarchy'
  | 'rate-limit'
  | 'webhook';

/** One line of a connection test. */
export interface CheckItem {
  name: CheckName;
  outcome: 'ok' | 'failed' | 'warning' | 'not-checked';
  detail: string;
  /** What to do; present unless ok. */
  remedy?: string;
}

export interface Checkup {
  items: readonly CheckItem[];
  /** Absent when the project or the account could not be read. */
  bound?: Omit<BoundProject, 'accountIds'> & { accountId: string };
}

export type Cursor = string;
/** `cursor` is where a reader may stop after this page. */
export interface ChangePage {
  refs: readonly IssueRef[];
  cursor: Cursor;
}

/** One connected project of an issue tracker, speaking our words. All methods throw `TrackerError`. */
export interface Tracker {
  /** The whole connection test, each finding a line; fails only by its lines, never by throwing. */
  checkup(signal: AbortSignal): Promise<Checkup>;
  /** The short look before every run (one request, or two where only a look from outside tells): who the project is and who may see it. */
  project(signal: AbortSignal): Promise<Pick<BoundProject, 'projectId' | 'name' | 'url' | 'visibility'>>;
  /** What became of each ref. Every ref gets an outcome. Issues carry their newest comments. */
  read(refs: readonly IssueRef[], signal: AbortSignal): Promise<ReadonlyMap<string, ReadOutcome>>;
  /** Look one issue up by what people call it (`42`, a URL); used to link by hand. Undefined = there is none. */
  find(key: string, signal: AbortSignal): Promise<Issue | undefined>;
  /**
   * Issues created since `since` whose managed block carries a mark, by mark text. Must see our own last
   * write: a listing, never a search index or a label alone. Several for one mark means it was cloned.
   */
  findMarked(since: string, signal: AbortSignal): Promise<ReadonlyMap<string, readonly Issue[]>>;
  /** Of our comments on this issue since `since`, the ids by mark. */
  findComments(ref: IssueRef, since: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /**
   * What the tracker's own history tells of these fields since the issues were seen so, by the issue's id, in the order in which
   * it happened. May tell more, such as what was done in the same second before.
   */
  history(
    looks: readonly LookBack[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly PastChange[]>>;
  /** One outcome for each write, in order. A refused write never fails its neighbours. */
  write(writes: readonly IssueWrite[], signal: AbortSignal): Promise<readonly WriteOutcome[]>;
  /**
   * How issues can be put under this one: as its children, linked, or only naming it in their text. Asked once for each
   * parent. Throws `tracker-not-found` where there is no such issue.
   */
  placing(parent: ParentRef, signal: AbortSignal): Promise<ParentPlacing>;
  /** Every issue changed since the cursor, in pages. May repeat, must not miss. `null` starts at the newest state: nothing old. */
  changes(since: Cursor | null, signal: AbortSignal): AsyncIterable<ChangePage>;
  /** Absent where the provider or its credential has none; then the checkup says what to do by hand. */
  hooks?: Hooks;
}

/** One webhook request as it came in. Header names are lower case. */
export interface WebhookRequest {
  method: string;
  url: string;
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}

/** What a verified delivery hints at. */
export interface WebhookHint {
  /** The tracker's id of the delivery, the same on redelivery. */
  deliveryId: string;
  event: string;
  /** The tracker's immutable id of the project it speaks of; another one than the integration's is refused. */
  projectId?: string;
  refs: readonly IssueRef[];
  /** Why nothing follows from it, such as a ping. */
  ignored?: string;
}

/** Webhooks only say where to look: the worker reads the issue itself, so order never matters. */
export interface Webhook {
  /** How deliveries may be proven: each scheme of `Hooks.ensure`, and in words what a delivery must carry. */
  schemes: Readonly<Record<string, string>>;
  /**
   * Any of the secrets (two during a rotation), in constant time. `scheme` is the integration's; undefined = the hook was
   * made by hand, as the provider's page says.
   */
  verify(request: WebhookRequest, secrets: readonly Secret[], now: Date, scheme?: string): boolean;
  /** Of a verified request. Throws an `AppError` `invalid-request` when the body is not what the tracker sends. */
  parse(request: WebhookRequest): WebhookHint;
}

/** A tracker's text: pure functions from our words to its canonical form. */
export interface TextFormat {
  /** The canonical text of a block, at most `limit` characters; cuts the longest quote first, at a grapheme. */
  block(document: BlockDocument, limit: number): string;
  comment(document: BlockDocument): string;
  /** One line, neutralised, at most `limit` characters. */
  title(text: string, limit: number): string;
  /** The form in which two titles or blocks are compared; idempotent. */
  canonTitle(text: string): string;
  canonBlock(text: string): string;
}

/** What TLS asks for beyond the usual: whom to trust, and who we are. */
export interface TlsTrust {
  /** Certificates (PEM) that are trusted in place of the public authorities. */
  ca?: string;
  /** Shown to a server that asks for one. */
  client?: { certificate: string; key: Secret };
}

/** Somebody else's API that we may call: where it is, how a request is signed, how fast we may go. */
export interface Endpoint {
  /** The API root: scheme, host, port and base path, without trailing slash. */
  apiRoot: URL;
  /** `host` of the links' unique key and of pace and breaker. */
  host: string;
  capabilities: Pick<
    Capabilities,
    'requestsPerMinute' | 'createsPerMinute' | 'createsPerHour' | 'concurrency'
  >;
  /** Absent: the public authorities, and no certificate of ours. */
  tls?: TlsTrust;
  /** Headers that sign a request; called for every one. */
  sign(): Readonly<Record<string, string>>;
  /** What an answer's headers say about our pace; undefined = nothing. */
  pace(status: number, headers: Headers, text: string, now: Date): Pace | undefined;
}

/** How access that ends by itself is renewed: OAuth refresh tokens, app installations, client credentials. */
export interface Renewal {
  /** Where tokens are made; it signs nothing. */
  endpoint: Endpoint;
  /** False: a refresh token that works once, so that a mere test of the connection must not use it up. */
  isRepeatable: boolean;
  /** End of the present access, ISO; undefined = there is none yet. */
  expiresAt?: string;
  /**
   * Make new access. Answers the whole credentials to store, before they are used: a rotating refresh token works once.
   * Throws `tracker-unauthorized` when the grant is dead and a person must connect again.
   */
  renew(send: Send, now: Date, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>>;
}

/** One integration's settings and credentials, checked; nothing is sent yet. */
export interface Connection extends Endpoint {
  capabilities: Capabilities;
  format: TextFormat;
  /** Labels every issue gets, from the settings. */
  labels: readonly string[];
  /** Base URL under which the tracker reaches us, when the settings name one. */
  webhookUrl?: string;
  /**
   * What the tracker itself gave to prove its deliveries with, such as an OAuth app's client secret: kept in place of our own
   * secret when the hook is registered.
   */
  webhookSecret?: Secret;
  /** Present when the credentials' access ends by itself; the house renews it, single-flight, before it is used. */
  renewal?: Renewal;
  tracker(send: Send, clock: Clock): Tracker;
}

/** What a provider folder exports: all that the house knows about GitHub, Jira, ... */
export interface Provider {
  id: ProviderId;
  title: string;
  /** The published `config` and `credentials`; strict, so that an unknown key is an error that names it. */
  config: z.ZodType<Record<string, unknown>>;
  credentials: z.ZodType<Record<string, unknown>>;
  connect(config: unknown, credentials: unknown): Connection;
  webhook?: Webhook;
}

import type { ErrorCode } from '../domain/errors.ts';

/** What HTTP and the documentation say about one error code. */
export interface CodeEntry {
  status: number;
  title: string;
  /** What the caller can do. */
  remedy: string;
  /** The same request may succeed later, unchanged. */
  retryable: boolean;
}

const no = false;
const yes = true;

function entry(status: number, title: string, retryable: boolean, remedy: string): CodeEntry {
  return { status, title, retryable, remedy };
}

/** Every error code of the API. `docs/errors.md` is this table. */
export const CODES: Readonly<Record<ErrorCode, CodeEntry>> = {
  'invalid-request': entry(
    400,
    'The request is not well formed',
    no,
    'Correct the places that `errors` names.',
  ),
  unauthenticated: entry(
    401,
    'No valid token',
    no,
    'Send `Authorization: Bearer <JWT>`, signed with HS256 and not expired.',
  ),
  'webhook-refused': entry(
    401,
    'The delivery is not proven to be genuine',
    no,
    'Check the address and the secret of the webhook at the tracker. The answer is the same whatever is wrong.',
  ),
  forbidden: entry(
    403,
    'The token does not allow this',
    no,
    'Use a token with the role that `detail` names.',
  ),
  'not-found': entry(404, 'There is no such thing', no, 'Check the id. Ids of other tenants are not found.'),
  'method-not-allowed': entry(
    405,
    'This address does not know the method',
    no,
    'Use a method of the `Allow` header.',
  ),
  conflict: entry(
    409,
    'The state does not allow this',
    no,
    'Read the resource again and decide on what it shows.',
  ),
  'idempotency-key-in-flight': entry(
    409,
    'The first request with this key is still at work',
    yes,
    'Repeat the same request a little later.',
  ),
  'models-not-chosen': entry(
    409,
    'It is not said which models go to this integration',
    no,
    'Name them in `filter.models`: with more than one integration there is no default.',
  ),
  'project-public': entry(
    409,
    'The project can be read by everybody',
    no,
    'Use a private project, or set `allowPublic: true` when publishing these threats is intended.',
  ),
  'other-installation': entry(
    409,
    'Another installation has made issues in this project',
    no,
    'Make sure that it is gone or writes about other threats, then set `allowOtherInstallation: true`.',
  ),
  'project-taken': entry(
    409,
    'Another integration already writes to this project',
    no,
    'Use that integration, or another project.',
  ),
  'plan-outdated': entry(
    409,
    'The plan no longer fits what both sides show',
    no,
    'Make a new plan and approve that one.',
  ),
  'run-in-progress': entry(409, 'A run is at work', yes, 'Wait until it has finished, then try again.'),
  'nothing-to-undo': entry(
    409,
    'The run left nothing to take back',
    no,
    'See GET /api/runs/:id/undo for what became of what it wrote.',
  ),
  'conflict-outdated': entry(
    409,
    'A side has changed since the conflict was shown',
    no,
    'Read the conflict again and decide on the values it shows now.',
  ),
  'model-ambiguous': entry(
    409,
    'The file looks like another model of yours',
    no,
    'Say which one with `modelId`, or `new=true` for a new model.',
  ),
  'model-changed': entry(
    409,
    'The stored file is not the one the threats came from',
    no,
    'Import the file again first.',
  ),
  'import-needs-confirmation': entry(
    409,
    'The import would lose many threats',
    no,
    'Check that it is the right file, then repeat with `confirm=true`, or confirm the held import that `detail` names.',
  ),
  'import-outdated': entry(
    409,
    'The model was imported again since this import was held',
    no,
    'Discard the held import; give the file or the model again if it is still the right one.',
  ),
  'granularity-settled': entry(
    409,
    'Issues are there already, made of something else',
    no,
    'Detach the links of the integration, or make another one.',
  ),
  'issue-already-linked': entry(
    409,
    'The threat or the issue is linked already',
    no,
    'Remove the other link first.',
  ),
  'stale-version': entry(
    412,
    'It has changed since you read it',
    no,
    'Read it again and send its new `ETag` in `If-Match`.',
  ),
  'too-large': entry(413, 'The body is too large', no, 'Keep below the limit that `detail` names.'),
  'unsupported-media-type': entry(
    415,
    'The body is of a type that is not accepted here',
    no,
    'Send `Content-Type: application/json`, uncompressed; an import also takes `application/octet-stream`.',
  ),
  unprocessable: entry(
    422,
    'The request is well formed but cannot be followed',
    no,
    'Correct the places that `errors` names.',
  ),
  'idempotency-key-reused': entry(
    422,
    'The key was used for another request',
    no,
    'Use a fresh `Idempotency-Key` for each new request.',
  ),
  'unknown-provider': entry(
    422,
    'There is no such provider',
    no,
    'Use `github`, `gitlab`, `jira` or `azure_devops`.',
  ),
  'credentials-required': entry(
    422,
    'The credentials must be given again',
    no,
    'Send `credentials` with the change: they are never carried to another address.',
  ),
  'base-url-refused': entry(
    422,
    'The address of the tracker is refused',
    no,
    'Use a public https address, or let the operator permit the network with `TRACKER_ALLOWED_CIDRS`.',
  ),
  'model-unreadable': entry(
    422,
    'The file cannot be read as a threat model',
    no,
    'Correct the place that `errors` names; the stored model is unchanged.',
  ),
  'model-format-unknown': entry(
    422,
    'The format of the file is not known',
    no,
    'Import a file of Threat Dragon v2 or Threat Composer.',
  ),
  'model-limit-exceeded': entry(
    422,
    'The model is larger than is allowed',
    no,
    'Split the model, or let the operator raise the limit.',
  ),
  'tracker-unauthorized': entry(
    422,
    'The tracker does not accept the credentials',
    no,
    'Give the integration new credentials.',
  ),
  'tenant-removed': entry(
    403,
    'The tenant was removed',
    no,
    'Nothing of it is kept, and its id is not used again: ask whoever runs the service for another one.',
  ),
  'tracker-forbidden': entry(
    422,
    'The tracker does not allow this to the credentials',
    no,
    'Give the account the permission that `detail` names.',
  ),
  'tracker-not-found': entry(
    422,
    'The tracker does not know it',
    no,
    'Check the project or the issue; the account may also not be allowed to see it.',
  ),
  'tracker-refused': entry(422, 'The tracker refused the change', no, 'See `detail` for what it said.'),
  'rate-limited': entry(429, 'Too many requests', yes, 'Wait as long as `Retry-After` says.'),
  internal: entry(500, 'Something went wrong here', yes, 'Try again; if it stays, report the `requestId`.'),
  'sealed-unreadable': entry(
    500,
    'Stored credentials cannot be opened',
    no,
    'Start the service with the `ENCRYPTION_KEY` they were stored with, or give the integration new credentials.',
  ),
  'tracker-nonsense': entry(
    502,
    'The tracker answered something we cannot use',
    yes,
    'Check that the address is the API of the tracker and not a proxy or sign-in page.',
  ),
  unavailable: entry(503, 'The service cannot do this now', yes, 'Try again after `Retry-After`.'),
  'lease-lost': entry(503, 'Another replica took over', yes, 'Try again.'),
  'tracker-rate-limited': entry(503, 'The tracker asked us to wait', yes, 'Try again after `Retry-After`.'),
  'tracker-unreachable': entry(
    503,
    'The tracker cannot be reached',
    yes,
    'Check its address and its status page; work goes on by itself when it is back.',
  ),
};

import { Refusal } from '../shared/answers.ts';

/** `{errorMessages, errors}`, as Jira writes all its errors. */
export function refuse(
  status: number,
  messages: readonly string[],
  errors: Readonly<Record<string, string>> = {},
  headers?: Readonly<Record<string, string>>,
): Refusal {
  return new Refusal({
    status,
    json: { errorMessages: messages, errors },
    ...(headers === undefined ? {} : { headers }),
  });
}

/** A 400 about fields. */
export function badFields(errors: Readonly<Record<string, string>>): Refusal {
  return refuse(400, [], errors);
}

export function badInput(message = 'INVALID_INPUT'): Refusal {
  return refuse(400, [message]);
}

export function unauthorised(): Refusal {
  return refuse(
    401,
    ['You are not authenticated. Authentication required to perform this operation.'],
    {},
    { 'www-authenticate': 'OAuth realm="https%3A%2F%2Fyour-domain.atlassian.net"' },
  );
}

/** The same words whether an issue is not there or not to be seen. */
export function noIssue(): Refusal {
  return refuse(404, ['Issue does not exist or you do not have permission to see it.']);
}

export function forbidden(message: string): Refusal {
  return refuse(403, [message]);
}

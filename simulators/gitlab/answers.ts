import { Refusal } from '../shared/answers.ts';

/** GitLab's own refusals: `{"message": ...}`; the message may be a text or faults by field. */
export function refuse(
  status: number,
  message: unknown,
  headers?: Readonly<Record<string, string>>,
): Refusal {
  return new Refusal({ status, json: { message }, ...(headers === undefined ? {} : { headers }) });
}

/** What is refused before GitLab's own code sees it, by the parser of parameters or of tokens: `{"error": ...}`. */
export function refuseEarly(
  status: number,
  error: string,
  more: Readonly<Record<string, unknown>> = {},
): Refusal {
  return new Refusal({ status, json: { error, ...more } });
}

/** `404 Project Not Found`, or `404 Not found` where GitLab does not say what. */
export function notFound(what?: string): Refusal {
  return refuse(404, what === undefined ? '404 Not found' : `404 ${what} Not Found`);
}

export function forbidden(): Refusal {
  return refuse(403, '403 Forbidden');
}

export function unauthorized(): Refusal {
  return refuse(401, '401 Unauthorized');
}

/** A value that GitLab's rules do not allow. */
export function invalid(field: string, fault: string): Refusal {
  return refuse(400, { [field]: [fault] });
}

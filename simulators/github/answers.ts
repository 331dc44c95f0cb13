import { Refusal } from '../shared/answers.ts';

const DOCUMENTATION = 'https://docs.github.com/rest';

export interface ValidationFault {
  resource: string;
  field: string;
  code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom';
  message?: string;
  value?: string;
}

/** `{message, documentation_url, status}` and, for validation, `errors`. */
export function refuse(
  status: number,
  message: string,
  more: {
    errors?: readonly (ValidationFault | string)[];
    headers?: Record<string, string>;
    documentation?: string;
  } = {},
): Refusal {
  return new Refusal({
    status,
    json: {
      message,
      ...(more.errors === undefined ? {} : { errors: more.errors }),
      documentation_url: more.documentation ?? DOCUMENTATION,
      status: String(status),
    },
    ...(more.headers === undefined ? {} : { headers: more.headers }),
  });
}

export function notFound(headers?: Record<string, string>): Refusal {
  return refuse(404, 'Not Found', headers === undefined ? {} : { headers });
}

export function invalid(...errors: ValidationFault[]): Refusal {
  return refuse(422, 'Validation Failed', { errors });
}

/** What GitHub says about a body of the wrong shape, before it looks at the values. */
export function malformed(detail: string): Refusal {
  return refuse(422, `Invalid request.\n\n${detail}`);
}

/** The thing lives elsewhere now. */
export function moved(status: 301 | 307, url: string): Refusal {
  return new Refusal({
    status,
    json: { message: 'Moved Permanently', url, documentation_url: DOCUMENTATION },
    headers: { location: url },
  });
}

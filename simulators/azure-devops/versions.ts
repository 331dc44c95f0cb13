import type { WireRequest } from '../shared/answering.ts';
import { refuse } from './answers.ts';
import { newest } from './locations.ts';
import type { Organization } from './state.ts';

/** The API version of a request, such as 7.1, checked. It stands in the query or in the `Accept` header. */
export function versionOf(wire: WireRequest, organization: Organization, isPreviewOnly: boolean): number {
  const text =
    wire.query.get('api-version') ?? /api-version=([^;,\s]+)/i.exec(wire.headers['accept'] ?? '')?.[1];
  if (text === undefined) return withoutOne(wire, organization);
  const [, digits, preview] = /^(\d+(?:\.\d+)?)(-preview(?:\.\d+)?)?$/.exec(text) ?? [];
  if (digits === undefined)
    throw refuse(400, 'VssInvalidApiVersionException', `The api-version "${text}" is not well formed.`);
  const version = Number(digits);
  if (version > newest(organization))
    throw refuse(
      400,
      'VssVersionOutOfRangeException',
      `The requested REST API version of ${digits} is out of range for this server. The latest REST API version this server supports is ${newest(organization).toFixed(1)}.`,
    );
  if (preview === undefined && (isPreviewOnly || version > organization.apiVersion))
    throw refuse(
      400,
      'VssInvalidPreviewVersionException',
      `The requested version "${text}" of the resource is under preview. The -preview flag must be supplied in the api-version for such requests. For example: "${digits}-preview"`,
    );
  return version;
}

function withoutOne(wire: WireRequest, organization: Organization): number {
  if (wire.method === 'GET' || wire.method === 'HEAD' || wire.method === 'OPTIONS')
    return organization.apiVersion;
  throw refuse(
    400,
    'VssVersionNotSpecifiedException',
    `No api-version was supplied for the "${wire.method}" request. The version must be supplied either as part of the Accept header (e.g. "application/json; api-version=1.0") or as a query parameter (e.g. "?api-version=1.0").`,
  );
}

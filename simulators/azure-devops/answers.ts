import type { Answer } from '../shared/answers.ts';
import { Refusal } from '../shared/answers.ts';

/** An error as Azure DevOps writes it. */
export function fault(
  status: number,
  typeKey: string,
  message: string,
  more: { headers?: Readonly<Record<string, string>>; customProperties?: unknown } = {},
): Answer {
  const { headers, customProperties } = more;
  return {
    status,
    json: {
      $id: '1',
      ...(customProperties === undefined ? {} : { customProperties }),
      innerException: null,
      message,
      typeName: `Microsoft.TeamFoundation.WorkItemTracking.Server.${typeKey}, Microsoft.TeamFoundation.WorkItemTracking.Server`,
      typeKey,
      errorCode: 0,
      eventId: 3200,
    },
    ...(headers === undefined ? {} : { headers }),
  };
}

export function refuse(
  status: number,
  typeKey: string,
  message: string,
  more: Parameters<typeof fault>[3] = {},
): Refusal {
  return new Refusal(fault(status, typeKey, message, more));
}

export function noSuchItem(id: number | string): Refusal {
  return refuse(
    404,
    'WorkItemUnauthorizedAccessException',
    `TF401232: Work item ${id} does not exist, or you do not have permissions to read it.`,
  );
}

export function noSuchProject(name: string): Refusal {
  return refuse(
    404,
    'ProjectDoesNotExistWithNameException',
    `TF200016: The following project does not exist: ${name}. Verify that the name of the project is correct and that the project exists on the specified Azure DevOps Server.`,
  );
}

export function noSuchField(name: string): Refusal {
  return refuse(
    400,
    'WorkItemTrackingFieldDefinitionNotFoundException',
    `TF51535: Cannot find field ${name}.`,
  );
}

export function invalidProperty(message: string): Refusal {
  return refuse(400, 'VssPropertyValidationException', message);
}

/** A list in the envelope that every list of Azure DevOps comes in. */
export function list(value: readonly unknown[]): Answer {
  return { status: 200, json: { count: value.length, value } };
}

export function ok(json: unknown): Answer {
  return { status: 200, json };
}

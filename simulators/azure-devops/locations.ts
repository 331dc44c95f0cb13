import type { Organization } from './state.ts';

/** Where clients find which resource: they ask for it by GUID and build their addresses from the templates. */

const AREAS = [
  ['79134c72-4a58-4b42-976c-04e7115f32bf', 'core'],
  ['5264459e-e5e0-4bd8-b118-0985e68a4ec5', 'wit'],
  ['8ccfef3d-2b87-4e99-8ccb-66e343d2daa8', 'Profile'],
] as const;

const ITEM = '{project}/_apis/{area}/{resource}/{id}';
const COMMENTS = '{project}/_apis/{area}/workItems/{workItemId}/{resource}/{commentId}';
const TYPE = '{project}/_apis/{area}/workItemTypes/{type}/{resource}/{field}';

/** Area, GUID, resource, template, newest revision of the resource, and whether it never left preview. */
const LOCATIONS = [
  [
    'wit',
    '62d3d110-0047-428c-ad3c-4fe872c91c74',
    'workItems',
    '{project}/_apis/{area}/{resource}/${type}',
    3,
    false,
  ],
  ['wit', '72c7ddf8-2cdc-4f60-90cd-ab71c14a399b', 'workItems', ITEM, 3, false],
  [
    'wit',
    '908509b6-4248-4475-a1cd-829139ba419f',
    'workItemsBatch',
    '{project}/_apis/{area}/{resource}',
    1,
    false,
  ],
  ['wit', 'b70d8d39-926c-465e-b927-b1bf0e5ca0e0', 'recyclebin', ITEM, 2, false],
  [
    'wit',
    '1a9c53f7-f243-4447-b110-35ef023636e4',
    'wiql',
    '{project}/{team}/_apis/{area}/{resource}',
    2,
    false,
  ],
  [
    'wit',
    'f828fe59-dd87-495d-a17c-7a8d6211ca6c',
    'workItemRevisions',
    '{project}/_apis/{area}/reporting/{resource}',
    2,
    false,
  ],
  [
    'wit',
    '6570bf97-d02c-4a91-8d93-3abe9895b1a9',
    'updates',
    '{project}/_apis/{area}/workItems/{id}/{resource}/{updateNumber}',
    3,
    false,
  ],
  [
    'wit',
    'a00c85a5-80fa-4565-99c3-bcd2181434bb',
    'revisions',
    '{project}/_apis/{area}/workItems/{id}/{resource}/{revisionNumber}',
    3,
    false,
  ],
  ['wit', '608aac0a-32e1-4493-a863-b9cf4566d257', 'comments', COMMENTS, 4, true],
  [
    'wit',
    '7c8d7a76-4a09-43e8-b5df-bd792f4ac6aa',
    'workItemTypes',
    '{project}/_apis/{area}/{resource}/{type}',
    2,
    false,
  ],
  ['wit', '7c9d7a76-4a09-43e8-b5df-bd792f4ac6aa', 'states', TYPE, 1, false],
  ['wit', 'bd293ce5-3d25-4192-8e67-e8092e879efb', 'fields', TYPE, 3, false],
  [
    'wit',
    'b51fd764-e5c2-4b9b-aaf7-3395cf4bdd94',
    'fields',
    '{project}/_apis/{area}/{resource}/{fieldNameOrRefName}',
    3,
    false,
  ],
  [
    'wit',
    'bc15bc60-e7a8-43cb-ab01-2106be3983a1',
    'tags',
    '{project}/_apis/{area}/{resource}/{tagIdOrName}',
    1,
    false,
  ],
  [
    'wit',
    'a70579d1-f53a-48ee-a5be-7be8659023b9',
    'classificationNodes',
    '{project}/_apis/{area}/{resource}',
    2,
    false,
  ],
  [
    'wit',
    'f5d33bc9-5b49-4a3c-a9bd-f3cd46dd2165',
    'workItemRelationTypes',
    '_apis/{area}/{resource}/{relation}',
    2,
    false,
  ],
  ['wit', 'afae844b-e2f6-44c2-8053-17b3bb936a40', 'workItemTransitions', '_apis/{area}/{resource}', 1, false],
  ['core', '603fe2ac-9723-48b9-88ad-09305aa6c6e1', 'projects', '_apis/{resource}/{*projectId}', 4, false],
  [
    'core',
    '4976a71a-4487-49aa-8aab-a1eda469037a',
    'properties',
    '_apis/projects/{projectId}/{resource}',
    1,
    true,
  ],
  [
    'core',
    'd30a3dd1-f8ba-442a-b86a-bd0c0c383e59',
    'teams',
    '_apis/projects/{projectId}/{resource}/{*teamId}',
    3,
    false,
  ],
  ['Location', '00d9565f-ed9c-4a06-9a50-00e7896ccab4', 'ConnectionData', '_apis/{resource}', 1, true],
  ['Location', 'e81700f7-3be2-46de-8624-2eb35882fcaa', 'ResourceAreas', '_apis/{resource}/{areaId}', 1, true],
  ['Profile', 'f83735dc-483f-4238-a291-d45f6080a9af', 'Profiles', '_apis/{area}/{resource}/{id}', 3, false],
  [
    'hooks',
    'fc50d02a-849f-41fb-8af1-0a5216103269',
    'Subscriptions',
    '_apis/{area}/{resource}/{subscriptionId}',
    1,
    false,
  ],
] as const;

/** `OPTIONS _apis/{area}`: the resources of an area. */
export function locationsOf(organization: Organization, area: string): unknown[] {
  const released = organization.apiVersion.toFixed(1);
  return LOCATIONS.filter(([each]) => each.toLowerCase() === area.toLowerCase()).map(
    ([name, id, resourceName, routeTemplate, resourceVersion, isPreview]) => ({
      id,
      area: name,
      resourceName,
      routeTemplate,
      resourceVersion,
      minVersion: '1.0',
      maxVersion: newest(organization).toFixed(1),
      releasedVersion: isPreview ? '0.0' : released,
    }),
  );
}

/** `_apis/resourceAreas`: where the areas live. Here all of them in one place. */
export function resourceAreas(root: string): { id: string; name: string; locationUrl: string }[] {
  return AREAS.map(([id, name]) => ({ id, name, locationUrl: `${root}/` }));
}

/** The newest version that may be asked for: the Services have the next one in preview. */
export function newest({ kind, apiVersion }: Organization): number {
  return kind === 'services' ? Math.max(7.2, apiVersion) : apiVersion;
}

import type { PageArguments } from './graphql-connection.ts';
import { connection } from './graphql-connection.ts';
import type { Account, Issue, IssueEvent } from './state.ts';

/** Of an issue's timeline, what the simulator speaks. */
export const TIMELINE_SCHEMA = /* GraphQL */ `
  enum IssueTimelineItemsItemType {
    CLOSED_EVENT
    RENAMED_TITLE_EVENT
    REOPENED_EVENT
  }

  union IssueTimelineItems = ClosedEvent | RenamedTitleEvent | ReopenedEvent

  type ClosedEvent implements Node {
    id: ID!
    actor: Actor
    createdAt: DateTime!
    stateReason: IssueStateReason
  }

  type ReopenedEvent implements Node {
    id: ID!
    actor: Actor
    createdAt: DateTime!
    stateReason: IssueStateReason
  }

  type RenamedTitleEvent implements Node {
    id: ID!
    actor: Actor
    createdAt: DateTime!
    currentTitle: String!
    previousTitle: String!
  }

  type IssueTimelineItemsConnection {
    filteredCount: Int!
    nodes: [IssueTimelineItems]
    pageCount: Int!
    pageInfo: PageInfo!
    totalCount: Int!
    updatedAt: DateTime!
  }
`;

export interface TimelineArguments extends PageArguments {
  itemTypes?: readonly string[] | null;
  since?: string | null;
}

/** What the timeline calls the events of an issue; others are not shown here. */
const KINDS: Readonly<Partial<Record<IssueEvent['event'], { item: string; type: string }>>> = {
  closed: { item: 'CLOSED_EVENT', type: 'ClosedEvent' },
  reopened: { item: 'REOPENED_EVENT', type: 'ReopenedEvent' },
  renamed: { item: 'RENAMED_TITLE_EVENT', type: 'RenamedTitleEvent' },
};

/** What happened to an issue, oldest first. */
export function timelineOf(
  issue: Issue,
  wish: TimelineArguments,
  accountOf: (account: Account) => unknown,
): Record<string, unknown> {
  const { itemTypes, since } = wish;
  const events = issue.events.filter(({ event, createdAt }) => {
    const kind = KINDS[event];
    const isLater = since == null || Date.parse(createdAt) >= Date.parse(since);
    return kind !== undefined && isLater && (itemTypes?.includes(kind.item) ?? true);
  });
  const shown = connection('timelineItems', wish, events, (event) => ({
    __typename: KINDS[event.event]?.type,
    id: event.nodeId,
    actor: accountOf(event.actor),
    createdAt: event.createdAt,
    stateReason: event.stateReason?.toUpperCase() ?? null,
    currentTitle: event.rename?.to,
    previousTitle: event.rename?.from,
  }));
  return { ...shown, filteredCount: events.length, pageCount: events.length, updatedAt: issue.updatedAt };
}

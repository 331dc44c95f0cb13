import { TIMELINE_SCHEMA } from './graphql-timeline.ts';

/** The part of GitHub's GraphQL that the simulator speaks, compatible with https://docs.github.com/graphql/reference */
export const SCHEMA = /* GraphQL */ `
  scalar DateTime
  scalar URI
  scalar BigInt

  type Query {
    node(id: ID!): Node
    nodes(ids: [ID!]!): [Node]!
    rateLimit(dryRun: Boolean = false): RateLimit
    repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
    viewer: User!
  }

  interface Node {
    id: ID!
  }

  interface Actor {
    login: String!
    url: URI!
    avatarUrl(size: Int): URI!
  }

  type RateLimit {
    cost: Int!
    limit: Int!
    nodeCount: Int!
    remaining: Int!
    resetAt: DateTime!
    used: Int!
  }

  type PageInfo {
    endCursor: String
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
  }

  type User implements Node & Actor {
    id: ID!
    databaseId: Int
    login: String!
    name: String
    url: URI!
    avatarUrl(size: Int): URI!
  }

  type Organization implements Node & Actor {
    id: ID!
    databaseId: Int
    login: String!
    name: String
    url: URI!
    avatarUrl(size: Int): URI!
  }

  type Bot implements Node & Actor {
    id: ID!
    databaseId: Int
    login: String!
    url: URI!
    avatarUrl(size: Int): URI!
  }

  enum RepositoryVisibility {
    INTERNAL
    PRIVATE
    PUBLIC
  }

  enum RepositoryPermission {
    ADMIN
    MAINTAIN
    READ
    TRIAGE
    WRITE
  }

  type Repository implements Node {
    id: ID!
    databaseId: Int
    name: String!
    nameWithOwner: String!
    url: URI!
    visibility: RepositoryVisibility!
    isPrivate: Boolean!
    isArchived: Boolean!
    isDisabled: Boolean!
    isLocked: Boolean!
    hasIssuesEnabled: Boolean!
    viewerPermission: RepositoryPermission
    issue(number: Int!): Issue
    issues(
      after: String
      before: String
      filterBy: IssueFilters
      first: Int
      labels: [String!]
      last: Int
      orderBy: IssueOrder
      states: [IssueState!]
    ): IssueConnection!
    label(name: String!): Label
    labels(after: String, before: String, first: Int, last: Int): LabelConnection
  }

  input IssueFilters {
    assignee: String
    createdBy: String
    labels: [String!]
    since: DateTime
    states: [IssueState!]
  }

  input IssueOrder {
    direction: OrderDirection!
    field: IssueOrderField!
  }

  enum OrderDirection {
    ASC
    DESC
  }

  enum IssueOrderField {
    COMMENTS
    CREATED_AT
    UPDATED_AT
  }

  enum IssueState {
    CLOSED
    OPEN
  }

  enum IssueStateReason {
    COMPLETED
    DUPLICATE
    NOT_PLANNED
    REOPENED
  }

  type Issue implements Node {
    id: ID!
    databaseId: Int
    fullDatabaseId: BigInt
    number: Int!
    url: URI!
    resourcePath: URI!
    title: String!
    body: String!
    bodyText: String!
    state: IssueState!
    stateReason(enableDuplicate: Boolean = false): IssueStateReason
    closed: Boolean!
    closedAt: DateTime
    locked: Boolean!
    author: Actor
    editor: Actor
    createdAt: DateTime!
    updatedAt: DateTime!
    lastEditedAt: DateTime
    milestone: Milestone
    repository: Repository!
    labels(after: String, before: String, first: Int, last: Int): LabelConnection
    assignees(after: String, before: String, first: Int, last: Int): UserConnection!
    comments(
      after: String
      before: String
      first: Int
      last: Int
      orderBy: IssueCommentOrder
    ): IssueCommentConnection!
    userContentEdits(after: String, before: String, first: Int, last: Int): UserContentEditConnection
    timelineItems(
      after: String
      before: String
      first: Int
      itemTypes: [IssueTimelineItemsItemType!]
      last: Int
      since: DateTime
      skip: Int
    ): IssueTimelineItemsConnection!
  }

  type PullRequest implements Node {
    id: ID!
    number: Int!
    title: String!
    url: URI!
  }

  enum MilestoneState {
    CLOSED
    OPEN
  }

  type Milestone implements Node {
    id: ID!
    number: Int!
    title: String!
    dueOn: DateTime
    state: MilestoneState!
    url: URI!
  }

  type Label implements Node {
    id: ID!
    name: String!
    color: String!
    description: String
    isDefault: Boolean!
    url: URI!
  }

  input IssueCommentOrder {
    direction: OrderDirection!
    field: IssueCommentOrderField!
  }

  enum IssueCommentOrderField {
    UPDATED_AT
  }

  type IssueComment implements Node {
    id: ID!
    databaseId: Int
    fullDatabaseId: BigInt
    author: Actor
    body: String!
    createdAt: DateTime!
    updatedAt: DateTime!
    lastEditedAt: DateTime
    url: URI!
    issue: Issue!
    viewerDidAuthor: Boolean!
  }

  type UserContentEdit implements Node {
    id: ID!
    createdAt: DateTime!
    editedAt: DateTime!
    updatedAt: DateTime!
    diff: String
    editor: Actor
  }

  type IssueConnection {
    edges: [IssueEdge]
    nodes: [Issue]
    pageInfo: PageInfo!
    totalCount: Int!
  }

  type IssueEdge {
    cursor: String!
    node: Issue
  }

  type LabelConnection {
    nodes: [Label]
    pageInfo: PageInfo!
    totalCount: Int!
  }

  type UserConnection {
    nodes: [User]
    pageInfo: PageInfo!
    totalCount: Int!
  }

  type IssueCommentConnection {
    nodes: [IssueComment]
    pageInfo: PageInfo!
    totalCount: Int!
  }

  type UserContentEditConnection {
    nodes: [UserContentEdit]
    pageInfo: PageInfo!
    totalCount: Int!
  }
  ${TIMELINE_SCHEMA}
`;

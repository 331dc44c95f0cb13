/** The part of GitLab's GraphQL that the simulator speaks, compatible with https://docs.gitlab.com/api/graphql/reference/ */
export const SCHEMA = /* GraphQL */ `
  scalar Time
  scalar NoteID
  scalar UserID

  type Query {
    project(fullPath: ID!): Project
  }

  type PageInfo {
    endCursor: String
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
  }

  type Project {
    id: ID!
    fullPath: ID!
    name: String!
    issues(iids: [String!], first: Int, last: Int, after: String, before: String): IssueConnection
  }

  type IssueConnection {
    count: Int!
    nodes: [Issue]
    pageInfo: PageInfo!
  }

  enum IssueState {
    opened
    closed
  }

  enum NotesFilterType {
    ALL_NOTES
    ONLY_COMMENTS
    ONLY_ACTIVITY
  }

  type Issue {
    id: ID!
    iid: ID!
    title: String!
    description: String
    state: IssueState!
    confidential: Boolean!
    webUrl: String!
    userNotesCount: Int!
    createdAt: Time!
    updatedAt: Time!
    author: UserCore!
    notes(
      filter: NotesFilterType = ALL_NOTES
      first: Int
      last: Int
      after: String
      before: String
    ): NoteConnection!
  }

  type NoteConnection {
    count: Int!
    nodes: [Note]
    pageInfo: PageInfo!
  }

  type Note {
    id: NoteID!
    body: String!
    system: Boolean!
    internal: Boolean
    createdAt: Time!
    updatedAt: Time!
    author: UserCore
  }

  type UserCore {
    id: UserID!
    username: String!
    name: String!
  }
`;

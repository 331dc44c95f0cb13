import { GraphQLError } from 'graphql';

/** How a connection is asked for its page. */
export interface PageArguments {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

const PAGE_LIMIT = 100;

/** An error with the type that GitHub writes beside the message. */
export function failure(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

/** One page of a connection. GitHub wants `first` or `last`, from 1 to 100. */
export function connection<T>(
  name: string,
  page: PageArguments,
  items: readonly T[],
  nodeOf: (item: T) => unknown,
): Record<string, unknown> {
  const { first, last } = page;
  const size = first ?? last;
  if (size == null)
    throw failure(
      'MISSING_PAGINATION_BOUNDARIES',
      `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
    );
  if (size < 0 || size > PAGE_LIMIT)
    throw failure(
      'EXCESSIVE_PAGINATION',
      `Requesting ${size} records on the \`${name}\` connection exceeds the \`first\` limit of ${PAGE_LIMIT} records.`,
    );
  let start = page.after == null ? 0 : positionOf(page.after) + 1;
  let end = page.before == null ? items.length : Math.min(positionOf(page.before), items.length);
  if (first != null) end = Math.min(end, start + first);
  else start = Math.max(start, end - size);
  const shown = items.slice(start, end).map(nodeOf);
  const cursors = shown.map((_, index) => cursorOf(start + index));
  return {
    totalCount: items.length,
    nodes: shown,
    edges: shown.map((node, index) => ({ node, cursor: cursors[index] })),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: cursors.at(0) ?? null,
      endCursor: cursors.at(-1) ?? null,
    },
  };
}

function cursorOf(position: number): string {
  return Buffer.from(`cursor:v2:${position}`).toString('base64');
}

function positionOf(cursor: string): number {
  const position = /^cursor:v2:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString('utf8'))?.[1];
  if (position === undefined)
    throw failure('INVALID_CURSOR_ARGUMENTS', `\`${cursor}\` does not appear to be a valid cursor.`);
  return Number(position);
}

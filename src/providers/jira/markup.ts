import type { ManagedBlock } from '../../domain/issue.ts';
import type { TextFormat } from '../../ports/tracker.ts';

/** How one kind of Jira writes text: documents on Cloud, wiki markup on Data Center. */
export interface Markup {
  format: TextFormat;
  /** A description as it came: the whole of it as one text, and our block in it. Undefined = the answer did not carry it. */
  read(description: unknown): { body: string; block: ManagedBlock };
  /** The description of a new issue. */
  compose(block: { mark: string; text: string }): unknown;
  /**
   * The description with the block's inside replaced, and how many characters people see of it; all else stays as it
   * came, and a text without a block gets one at its end. Undefined: the block is damaged or cannot be read.
   */
  replace(
    body: string,
    block: { mark: string; text: string },
  ): { description: unknown; length: number } | undefined;
  /** The body of a comment with our mark in it. */
  comment(text: string, mark: string): unknown;
  /** A comment's words; our own mark shows as an HTML comment, by which it is known as ours. */
  commentText(body: unknown): string;
  commentMark(body: unknown): string | undefined;
}

/** The whole of a small-print line that is a mark of ours. */
export const MARK_TEXT = /^tmi:(?:begin|comment) [^<>{}~\r\n]{1,300}$/;

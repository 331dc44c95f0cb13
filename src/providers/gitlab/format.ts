import type { TextFormat } from '../../ports/tracker.ts';
import { BREAK } from '../shared/hostile-text.ts';
import { markdownFormat } from '../shared/markdown.ts';
import type { Tame } from '../shared/markdown.ts';
import { NOTE_LIMIT } from './limits.ts';

/** Room for the hidden mark of a comment. */
const COMMENT_LIMIT = NOTE_LIMIT - 500;

/**
 * What a backslash does not stop: `[vulnerability:1]` and its like, `[[_TOC_]]`, `[TOC]` and `*iteration:1`; then
 * placeholders such as `%{project_name}`, and includes.
 * https://docs.gitlab.com/user/markdown/#gitlab-specific-references
 */
const OPENER = /(?:\\?\[|\\?\*)(?=[\p{L}_[\\]|$)|%(?=\{|$)|:(?=:include)/giu;
/** A commit whose first characters are digits or letters alone. */
const COMMIT = /(?<![0-9A-Za-z\u200B])[0-9a-f]{6}(?=[0-9a-f]{1,58}(?![0-9A-Za-z]))/gi;
/** All that GitLab has an address for lies under `/-/`, on old servers some of it without. */
const REFERENCE_PATH = /\/(?:-|snippets|milestones|vulnerabilities|iterations)(?:\/|$)/i;

function tameWord(word: string): string {
  if (/https?:\/\//i.test(word))
    return REFERENCE_PATH.test(word) ? word.replace(/:\/\//g, `:${BREAK}//`) : word;
  return word.replace(OPENER, `$&${BREAK}`).replace(COMMIT, `$&${BREAK}`);
}

const tame: Tame = (escaped) => escaped.replace(/\S+/g, tameWord);

/** GitLab Flavored Markdown. */
export const gitlabFormat: TextFormat = markdownFormat(COMMENT_LIMIT, tame);

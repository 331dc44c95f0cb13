/**
 * The managed block as a small tree, before any tracker's markup. Every `text` is untrusted: a provider's
 * text format decodes nothing and escapes everything.
 */

/** A run of text inside a line. `code` and `strong` are ours, the words are not. */
export interface Span {
  text: string;
  style?: 'strong' | 'emphasis' | 'code';
  /** An issue's address as the tracker itself gave it: a link there, where the markup has links. */
  href?: string;
}

export type BlockNode =
  | { kind: 'paragraph'; spans: readonly Span[] }
  /** Words of the model: quoted so that nothing in them acts; simple lists and line breaks stay. */
  | { kind: 'quote'; text: string }
  | { kind: 'list'; items: readonly (readonly Span[])[] };

export type BlockDocument = readonly BlockNode[];

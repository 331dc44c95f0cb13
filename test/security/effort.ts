/** `npm run security` tries everything; the ordinary suite a part of it, chosen the same way every time. */
const isWhole = process.env['SECURITY'] === 'whole';

/** The whole list, or about `few` of it, evenly spread. */
export function chosen<T>(all: readonly T[], few: number): readonly T[] {
  if (isWhole || all.length <= few) return all;
  const stride = all.length / few;
  return Array.from({ length: few }, (_, index) => all[Math.floor(index * stride)]).filter(
    (each) => each !== undefined,
  );
}

/** How often something is tried. */
export function times(whole: number, few: number): number {
  return isWhole ? whole : few;
}

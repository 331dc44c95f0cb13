import { randomBytes } from 'node:crypto';

/** Unique secrets, one for each field that holds one, and where else they are seen. */
export class Canaries {
  readonly #forms = new Map<string, readonly string[]>();
  looked = 0;

  /** A secret of this field that no pattern knows: it is found only because it is looked for. */
  make(field: string): string {
    return this.add(field, `zq${randomBytes(14).toString('hex')}`);
  }

  /** A secret that something else has made. */
  add(field: string, secret: string): string {
    const bytes = Buffer.from(secret);
    // Inside longer base64 its first and last characters depend on their neighbours.
    const aligned = [0, 1, 2].map((shift) =>
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .slice(shift === 0 ? 0 : 4, -6),
    );
    this.#forms.set(`${field} (${secret.slice(0, 6)}…)`, [
      secret,
      encodeURIComponent(secret),
      bytes.toString('hex'),
      ...aligned,
      ...aligned.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    ]);
    return secret;
  }

  get size(): number {
    return this.#forms.size;
  }

  /** The fields whose secret is in the text, in whatever form. */
  in(text: string): string[] {
    this.looked += 1;
    return [...this.#forms]
      .filter(([, forms]) => forms.some((form) => text.includes(form)))
      .map(([field]) => field);
  }
}

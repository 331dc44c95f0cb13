import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** The answer is larger than we take, or packed in a way we did not ask for. */
export class BodyRefused extends Error {
  override readonly name = 'BodyRefused';
}

/**
 * The whole body, unpacked, as text. `limit` counts unpacked bytes, so that a small answer which inflates to
 * gigabytes stops early. Throws `BodyRefused`, or what the stream throws when it breaks off.
 */
export async function readBody(body: Readable, headers: Headers, limit: number): Promise<string> {
  // Giving up early makes the stream fail, which nobody waits for any more.
  body.on('error', () => {});
  try {
    const declared = Number(headers.get('content-length') ?? 0);
    if (declared > limit) throw tooLarge(limit);
    const source = unpacked(body, headers.get('content-encoding'));
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
    return new TextDecoder().decode(Buffer.concat(chunks));
  } finally {
    body.destroy();
  }
}

function unpacked(body: Readable, encoding: string | null): Readable {
  const unpack = unpackerOf((encoding ?? 'identity').trim().toLowerCase());
  if (unpack === undefined) return body;
  // The iteration over `unpack` sees the error; the callback only keeps it from being unhandled.
  return pipeline(body, unpack, () => {});
}

function unpackerOf(encoding: string): Transform | undefined {
  switch (encoding) {
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw new BodyRefused(`The answer is packed as "${encoding.slice(0, 40)}", which was not asked for`);
  }
}

function tooLarge(limit: number): BodyRefused {
  return new BodyRefused(`The answer is larger than ${Math.round(limit / 1024 / 1024)} MiB`);
}

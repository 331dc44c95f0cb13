import { z } from 'zod';

function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.host !== '';
}

function isBare(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

/** An address without user, password, query or fragment. Trailing slashes are dropped. */
export const WebUrl = z
  .string()
  .trim()
  .max(2000)
  .refine(isWebUrl, 'must be an http or https address, such as https://tracker.example.com')
  .refine(isBare, 'must not carry a user, password, query or fragment')
  .overwrite((text) => text.replace(/\/+$/, ''));

/** Labels that every issue of an integration gets. */
export const Labels = z
  .array(
    z
      .string()
      .trim()
      .min(1)
      .max(50)
      .regex(/^[^,]*$/, 'must not contain a comma'),
  )
  .max(20)
  .default(['threat-model']);

/** A secret as people paste it: without line breaks and spaces, which no header may carry. */
export const Token = z
  .string()
  .trim()
  .min(1)
  .max(4000)
  .regex(/^[\x21-\x7e]+$/, 'must not contain spaces, line breaks or characters outside ASCII');

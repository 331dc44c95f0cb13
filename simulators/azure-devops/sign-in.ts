import type { Answer } from '../shared/answers.ts';
import type { WireRequest } from '../shared/answering.ts';
import type { Switchboard } from './knobs.ts';

const PAGE =
  '<!DOCTYPE html>\n<html lang="en"><head><title>Azure DevOps Services | Sign In</title></head><body><form method="post" action="/_signin"><input name="login"></form></body></html>';
const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** What somebody without a good credential gets: seldom a plain 401, often a page to sign in, even with a status of success. */
export function signIn(knobs: Switchboard, wire: WireRequest, root: string): Answer {
  const status = knobs.signIn === 'auto' ? usual(wire) : knobs.signIn;
  const realm = `Bearer authorization_uri=https://login.microsoftonline.com/common, Basic realm="${root}/", TFS-Federated`;
  if (status === 302) {
    const location = `${new URL(root).origin}/_signin?realm=dev.azure.com&reply_to=${encodeURIComponent(root)}`;
    return { status, text: PAGE, headers: { ...HTML, location } };
  }
  if (status === 203) return { status, text: PAGE, headers: HTML };
  return { status, text: '', headers: { 'www-authenticate': realm, 'x-tfs-serviceerror': 'TF400813' } };
}

/** The page itself, where the redirect leads. */
export function signInPage(): Answer {
  return { status: 200, text: PAGE, headers: HTML };
}

/** A client that suppresses redirects gets the truth; one that asks for JSON gets a page with 203, all others are sent there. */
function usual({ headers }: WireRequest): 203 | 302 | 401 {
  if (headers['x-tfs-fedauthredirect']?.toLowerCase() === 'suppress') return 401;
  return headers['accept']?.includes('json') === true ? 203 : 302;
}

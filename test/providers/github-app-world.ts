import { connectGithub, openGithub, PLACE } from './github-world.ts';
import type { GithubPlace } from './github-world.ts';

export const SLUG = 'tmi';
export const BOT = 'tmi[bot]';

export interface GithubAppPlace extends GithubPlace {
  installationId: number;
  /** As a person gives them. */
  credentials: Readonly<Record<string, unknown>>;
  /** As they are stored after a renewal. */
  renewed: Readonly<Record<string, unknown>>;
  connect(credentials: Readonly<Record<string, unknown>>): ReturnType<typeof connectGithub>;
  renew(credentials?: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
}

/** A simulated `acme/payments` where an App of ours is installed for the whole of `acme`, with a fresh token of the installation. */
export async function openGithubApp(
  permissions?: Readonly<Record<string, 'read' | 'write'>>,
): Promise<GithubAppPlace> {
  const place = await openGithub();
  const { simulator, clock } = place;
  const { appId, privateKey } = simulator.world.addApp({ slug: SLUG, owner: PLACE.owner });
  const installationId = simulator.world.installApp({
    slug: SLUG,
    owner: PLACE.owner,
    ...(permissions === undefined ? {} : { permissions }),
  });
  const credentials = { type: 'github_app', appId, installationId, privateKey };
  const opened: { close(): Promise<void> }[] = [];
  const connect = (given: Readonly<Record<string, unknown>>): ReturnType<typeof connectGithub> => {
    const other = connectGithub({ baseUrl: simulator.url, ...PLACE }, given, clock);
    opened.push(other);
    return other;
  };
  const renew = async (given: Readonly<Record<string, unknown>> = credentials) => {
    const first = connect(given);
    const { renewal } = first.connection;
    if (renewal === undefined) throw new Error('these credentials are not renewed');
    const way = first.open(renewal.endpoint);
    return renewal.renew(way.send, clock.now(), new AbortController().signal);
  };
  async function close(): Promise<void> {
    for (const each of opened) await each.close();
    await place.close();
  }
  const renewed = await renew().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const { connection, way, tracker } = connect(renewed);
  return {
    ...place,
    connection,
    way,
    tracker,
    installationId,
    credentials,
    renewed,
    connect,
    renew,
    another: () => connect(renewed).tracker,
    close,
  };
}

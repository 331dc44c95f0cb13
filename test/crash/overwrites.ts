import { z } from 'zod';
import type { GithubSimulator, SeenRequest } from '../../simulators/github/index.ts';
import type { Edit, Story } from './people.ts';

/**
 * A person's text that the service wrote over. GitHub has no conditional write: what is typed between the last read and the
 * write is lost whatever a client does. The service reads within a second of its write; more than that is a fault.
 */
export interface Overwrite {
  edit: Edit;
  ageMs: number;
  /** The service had read the text before it wrote over it. */
  hadRead: boolean;
}

const Change = z.object({ title: z.string().optional(), body: z.string().optional() });
const ISSUE = /^\/repos\/([^/]+)\/[^/]+\/issues\/(\d+)$/;

/** Looks over the shoulder of every write to an issue. Answers what it has seen so far. */
export function watchOverwrites(
  github: GithubSimulator,
  stories: () => Iterable<Story>,
): readonly Overwrite[] {
  const seen: Overwrite[] = [];
  github.knobs.next({
    times: Infinity,
    answer: 'reset',
    match(request) {
      if (request.method === 'PATCH') seen.push(...overwrittenBy(request));
      return false;
    },
  });
  return seen;

  function overwrittenBy({ path, body }: SeenRequest): Overwrite[] {
    const [, owner, number] = ISSUE.exec(path) ?? [];
    const change = Change.safeParse(body).data;
    const story = [...stories()].find(
      (each) => each.team.place.owner === owner && each.number === Number(number),
    );
    if (story === undefined || change === undefined) return [];
    const { place } = story.team;
    const now = github.world.issue(place.owner, place.repo, story.number);
    return story.edits
      .filter(({ act, value }) => {
        if (act === 'issue title')
          return change.title !== undefined && now.title === value && change.title !== value;
        const isText = act === 'note' || act === 'block';
        return (
          isText && change.body !== undefined && now.body.includes(value) && !change.body.includes(value)
        );
      })
      .map((edit) => ({ edit, ageMs: Date.now() - edit.at, hadRead: hadRead(edit) }));
  }

  function hadRead({ at, value }: Edit): boolean {
    return github.requests.some(
      (record) => Date.parse(record.at) >= at && JSON.stringify(record.answer).includes(value),
    );
  }
}

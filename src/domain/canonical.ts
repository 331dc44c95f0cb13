import type { AcceptanceTerms } from './acceptance.ts';
import type { Category, MitigationStatus, Severity, SourceThreat, Status } from './threat.ts';

/** A threat as others hand it to us in our own words; what is left out may be missing or undefined. */
export interface GivenThreat {
  key: string;
  displayRef?: string | undefined;
  title: string;
  description: string;
  status: Status;
  severity: Severity;
  score?: number | undefined;
  category: Category;
  element?:
    | {
        id: string;
        name: string;
        kind: string;
        diagram?: string | undefined;
        outOfScope?: boolean | undefined;
      }
    | undefined;
  mitigations: readonly {
    key: string;
    title: string;
    description?: string | undefined;
    status: MitigationStatus;
    shared: boolean;
  }[];
  references: readonly string[];
  tags: readonly string[];
  justification?: string | undefined;
  /** Of an accepted or transferred risk: who carries it, why, and until when. */
  acceptance?:
    { owner?: string | undefined; reason?: string | undefined; expiresAt?: string | undefined } | undefined;
}

/** A whole model in our canonical words. */
export interface CanonicalModel {
  name: string;
  source?:
    { repo?: string | undefined; path?: string | undefined; revision?: string | undefined } | undefined;
  threats: readonly GivenThreat[];
}

/** The same threat without undefined members, as every source gives it. */
export function fromGiven(given: GivenThreat): SourceThreat {
  const { acceptance, displayRef, score, element, justification } = given;
  return {
    key: given.key,
    ...(displayRef === undefined ? {} : { displayRef }),
    title: given.title,
    description: given.description,
    status: given.status,
    severity: given.severity,
    ...(score === undefined ? {} : { score }),
    category: given.category,
    ...(element === undefined ? {} : { element: elementOf(element) }),
    mitigations: given.mitigations.map(({ description, ...rest }) => ({
      ...rest,
      ...(description === undefined ? {} : { description }),
    })),
    references: given.references,
    tags: given.tags,
    ...(justification === undefined ? {} : { justification }),
    ...(acceptance === undefined ? {} : { acceptance: termsOf(acceptance) }),
    raw: { status: given.status, severity: given.severity },
  };
}

/** The same terms without undefined members. */
export function termsOf({
  expiresAt,
  owner,
  reason,
}: NonNullable<GivenThreat['acceptance']>): AcceptanceTerms {
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(reason === undefined ? {} : { reason }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function elementOf({
  diagram,
  outOfScope,
  ...rest
}: NonNullable<GivenThreat['element']>): NonNullable<SourceThreat['element']> {
  return {
    ...rest,
    ...(diagram === undefined ? {} : { diagram }),
    ...(outOfScope === undefined ? {} : { outOfScope }),
  };
}

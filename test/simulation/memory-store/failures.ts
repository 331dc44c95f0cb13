/** What PostgreSQL would answer, with its SQLSTATE: `src/store/failures.ts` reads the same codes from both. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: Sqlstate;

  constructor(code: Sqlstate, message: string) {
    super(message);
    this.code = code;
  }
}

type Sqlstate =
  /** A unique key has this value already. */
  | '23505'
  /** A reference points at nothing. */
  | '23503'
  /** NUL in text. */
  | '22021'
  /** No UUID. */
  | '22P02'
  /** No time. */
  | '22007'
  /** A statement after a refused one: the transaction is lost. */
  | '25P02'
  /** Two transactions wait for each other. */
  | '40P01'
  /** The connection was cut. */
  | '57P01';

/** One request the simulator got, and what it said. */
export interface RecordedRequest {
  /** ISO, by the simulator's clock. */
  at: string;
  method: string;
  /** Without the prefix of the API, such as `/repos/o/r/issues`. */
  path: string;
  /** With `?`, or empty. */
  query: string;
  /** 0: no answer. */
  status: number;
  /** Name of the account, when the credential was good. */
  account?: string;
  /** Without the credential. */
  headers: Readonly<Record<string, string>>;
  /** Parsed JSON; the text if it was none; undefined if there was nothing. */
  body: unknown;
  /** As `body`, of the answer. */
  answer: unknown;
  answerHeaders: Readonly<Record<string, string>>;
  /** A knob had its hand in it, so the answer says nothing about the tracker. */
  odd: boolean;
}

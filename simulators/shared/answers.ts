/** What an endpoint answers: a status, JSON or text (or nothing), and headers of its own. */
export interface Answer {
  status: number;
  json?: unknown;
  /** Sent as it is, when there is no `json`. */
  text?: string;
  headers?: Readonly<Record<string, string>>;
}

/** Ends a request early with an error answer, as the tracker writes it. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

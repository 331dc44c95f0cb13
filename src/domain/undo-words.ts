import { quoted, titleOfField } from './field-words.ts';
import type { Step } from './plan.ts';

/** One step of an undo in a sentence, as what would be done. `issueKey`: what people call the issue. */
export function sentenceOfUndo(step: Step, issueKey: string): string {
  switch (step.kind) {
    case 'push': {
      if (step.undo?.link === 'ends')
        return `Issue ${issueKey} is closed as not planned, and its link ends; nothing is deleted.`;
      if (step.undo?.link === 'revives') return `Issue ${issueKey} is opened again, and its link comes back.`;
      const what = `${titleOfField(step.field)} of issue ${issueKey} goes back`;
      return step.field === 'block'
        ? `${what} to what it was.`
        : `${what} from ${quoted(step.from)} to ${quoted(step.to)}.`;
    }
    case 'pull':
      return `The status of the threat goes back from "${step.from}" to "${step.to}".`;
    case 'restored':
      return `${titleOfField(step.field)} of issue ${issueKey} is back already, and that is recorded.`;
    case 'agree':
    case 'release':
    case 'leave':
    case 'conflict':
    case 'withdraw':
    case 'question':
    case 'stuck':
      return `${titleOfField(step.field)} stays as it is.`;
  }
}

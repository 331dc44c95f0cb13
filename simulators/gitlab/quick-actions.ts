import { markdownLines } from './markdown-lines.ts';

/** A line such as `/label ~bug`. */
export interface QuickAction {
  name: string;
  argument: string;
}

/** https://docs.gitlab.com/user/project/quick_actions/ */
const NAMES: ReadonlySet<string> = new Set(
  `add_child add_contacts add_email approve assign assign_reviewer award blocked_by blocks cc checkin_reminder child_of clear_health_status
  clear_weight clone close confidential convert_to_ticket copy_metadata create_merge_request done draft due duplicate epic estimate
  estimate_time health_status invite_email iteration label labels link lock merge milestone move page parent ping promote
  promote_to promote_to_incident publish react ready rebase relabel relate remove_child remove_contacts remove_due_date remove_email
  remove_epic remove_estimate remove_iteration remove_label remove_milestone remove_parent remove_time_estimate remove_time_spent
  remove_zoom reopen reassign request_review run_pipeline set_parent severity spend spend_time status submit_review subscribe tag
  target_branch timeline title todo type unapprove unassign unassign_reviewer unlabel unlink unlock unsubscribe weight zoom shrug tableflip`
    .split(/\s+/)
    .filter((name) => name !== ''),
);
const SUBSTITUTIONS: Readonly<Record<string, string>> = {
  shrug: '¯\\＿(ツ)＿/¯',
  tableflip: '(╯°□°)╯︵ ┻━┻',
};
const ACTION = /^ {0,3}\/([A-Za-z_]+)(?:[ \t]+(.*))?$/;

/**
 * Takes the quick actions out of a description or note. Lines that start with a known one are removed, unless they are code,
 * an HTML block or a comment; the end of the text is trimmed, whether there was one or not.
 */
export function takeQuickActions(text: string): { text: string; actions: QuickAction[] } {
  const actions: QuickAction[] = [];
  let kept = '';
  for (const { text: line, end, kind } of markdownLines(text)) {
    const [, word = '', argument = ''] = kind === 'words' ? (ACTION.exec(line.trimEnd()) ?? []) : [];
    const name = word.toLowerCase();
    if (!NAMES.has(name)) {
      kept += line + end;
      continue;
    }
    actions.push({ name, argument: argument.trim() });
    const substitute = SUBSTITUTIONS[name];
    if (substitute !== undefined) kept += `${argument.trim()} ${substitute}`.trim() + end;
  }
  return { text: kept.trimEnd(), actions };
}

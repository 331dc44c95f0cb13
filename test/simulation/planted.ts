/** A piece of the production's source text, and what is put in its place. */
interface Change {
  /** Below the project's folder. */
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
}

/** A bug on purpose. */
export interface PlantedBug extends Change {
  name: string;
  /** What it takes beside: another place that would make up for it. */
  also?: readonly Change[];
}

/**
 * Faults that products in this field are known for, and faults that ours once had. The simulation must find each; production
 * code has no switch for them: the text of a module is changed while it is loaded, in a process that does nothing else.
 */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'skip the mark check: a create of unknown outcome is repeated without looking',
    file: 'src/sync/adopt.ts',
    find: 'const candidates = found.get(pair.link.id) ?? [];',
    replace: 'const candidates = (found.get(pair.link.id) ?? []).slice(1);',
  },
  {
    name: 'one look that finds nothing is proof of absence',
    file: 'src/sync/adopt.ts',
    find: 'const believed = first !== undefined && now - first >= settleMs;',
    replace: 'const believed = first !== undefined || now + settleMs > 0;',
  },
  {
    name: 'a POST of unknown outcome is sent again at once',
    file: 'src/transport/retry.ts',
    find: "if (!(error instanceof TrackerError) || error.arrived !== 'no') return false;",
    replace: 'if (!(error instanceof TrackerError)) return false;',
  },
  {
    name: 'what the answer shows becomes the past, also what people did meanwhile',
    file: 'src/sync/create.ts',
    find: 'base: baseOfCreate(op.payload, work.session.integration.mapping.version),',
    replace:
      "base: baseOfCreate({ ...op.payload, issue: { ...op.payload.issue, status: /open|active/.test(issue.status.category) ? 'open' : 'mitigated' } }, work.session.integration.mapping.version),",
  },
  {
    name: 'a pull leaves the issue’s baseline where it was',
    file: 'src/domain/advance.ts',
    find: 'const moved = settled(link, step.field, step.to, step.issue);',
    replace: 'const moved = settled(link, step.field, step.to, link.base?.issue[step.field] ?? null);',
  },
  {
    name: 'one baseline for both sides: sides are compared with each other',
    file: 'src/domain/merge.ts',
    find: "if (threatChanged && issueChanged) return 'conflict';",
    replace: "if (threatChanged && issueChanged) return 'threat-changed';",
  },
  {
    name: 'the issue’s own past is forgotten: whatever differs is an edit of the threat',
    file: 'src/domain/merge.ts',
    find: 'const issueChanged = issue.now !== issue.before;',
    replace: 'const issueChanged = false;',
  },
  {
    name: 'a lost edit leaves no record',
    file: 'src/sync/record-conflicts.ts',
    find: "events.push(await close(tx, overruled(work, decided, step, at), 'resolved', at));",
    replace: 'events.push();',
  },
  {
    name: 'people’s text outside our block is overwritten',
    file: 'src/providers/shared/managed-block.ts',
    find: 'return body.slice(0, found.outer[0]) + composed + body.slice(found.outer[1]);',
    replace: 'return composed;',
  },
  {
    name: 'people’s section below ours is overwritten (HTML)',
    file: 'src/providers/azure-devops/html-section.ts',
    find: 'return body.slice(0, found.outer[0]) + section + body.slice(found.outer[1]);',
    replace: 'return body.slice(0, found.outer[0]) + section;',
  },
  {
    name: 'the threat’s row is written without its version',
    file: 'test/simulation/memory-store/threats.ts',
    find: 'const isSame = (now: ThreatRow) => now.version === threat.version;',
    replace: 'const isSame = (_: ThreatRow) => true;',
  },
  {
    name: 'no lease epoch: whoever was overtaken goes on writing',
    file: 'test/simulation/memory-store/leases.ts',
    find: 'const mine = (now: LeaseRow) => now.owner === lease.worker && now.epoch === lease.epoch;\n      if (row',
    replace: 'const mine = (_: LeaseRow) => true;\n      if (row',
    also: [
      {
        file: 'test/simulation/memory-store/scheduling.ts',
        find: 'return (row) => row.owner === lease.worker && row.epoch === lease.epoch;',
        replace: 'return (row) => row.tenant_id === lease.tenantId;',
      },
    ],
  },
  {
    name: 'a boolean dirty flag: what came while we looked is forgotten',
    file: 'test/simulation/memory-store/dirty.ts',
    find: 'const isSame = (now: DirtyRow) => now.generation === generation;',
    replace: 'const isSame = (now: DirtyRow) => now.generation >= generation;',
  },
  {
    name: 'a delivery is acknowledged before it is kept',
    file: 'src/sync/webhooks.ts',
    find: 'const kept = await parts.store.dispatch.accept(',
    replace: 'const kept = true;\n  void parts.store.dispatch.accept(',
  },
  {
    name: 'delete on an empty list: deleted as soon as it is not found',
    file: 'src/sync/missing.ts',
    find: '  if (since === undefined)\n    return {',
    replace:
      '  if (since === undefined) return gone(link, at, reason);\n  if (since === undefined)\n    return {',
  },
  {
    name: 'our clock is the tracker’s',
    file: 'src/sync/clocks.ts',
    find: 'translate: (iso) => new Date(Date.parse(iso) + offsetMs).toISOString(),',
    replace: 'translate: (iso) => new Date(Date.parse(iso) + 40 * 60_000).toISOString(),',
  },
  {
    name: 'a number of seconds is a year',
    file: 'src/providers/jira/pace.ts',
    find: 'const ms = /^[\\d.+-]+$/.test(text) ? Number.NaN : Date.parse(text);',
    replace: 'const ms = Date.parse(text);',
  },
  {
    name: 'no back-off',
    file: 'src/transport/pace.ts',
    find: '    this.#blockedUntil = Math.max(',
    replace: '    this.#blockedUntil = 0 * Math.max(',
  },
  {
    name: 'comments are sent again without looking',
    file: 'src/sync/comments.ts',
    find: 'if (earlier && (await isThere(work, issue, op))) {',
    replace: 'if (earlier && (await isThere(work, issue, op)) && op.kind !== "comment") {',
  },
  {
    name: 'one connection for all tenants',
    file: 'src/sync/session.ts',
    find: 'const connection = provider.connect(subject.config, subject.credentials);',
    replace:
      'const all = globalThis as { one?: ReturnType<typeof provider.connect> };\n  const connection = (all.one ??= provider.connect(subject.config, subject.credentials));',
  },
  {
    name: 'a database that was put back goes on as if nothing had been',
    file: 'src/sync/rewind.ts',
    find: "    state: 'new',\n    stateSince: at,",
    replace: "    state: 'active',\n    stateSince: at,",
  },
  {
    name: 'another program is fought for ever',
    file: 'src/sync/flips.ts',
    find: 'if (work.approved || turning.length === 0) return decided;',
    replace: 'if (work.approved || turning.length >= 0) return decided;',
  },
  {
    name: 'a disabled integration goes on',
    file: 'src/sync/work-integration.ts',
    find: 'if (!enabled) return null;',
    replace: 'if (!enabled && parts.paused) return null;',
  },
  {
    name: 'the block is never written again',
    file: 'src/domain/issue-text.ts',
    find: 'const version = `${threat.contentHash}/${TEMPLATE_VERSION}`;',
    replace: 'const version = `${threat.contentHash.slice(0, 0)}/${TEMPLATE_VERSION}`;',
  },
  {
    name: 'issues of another installation are no reason to ask',
    file: 'src/sync/poll.ts',
    find: 'if (bound?.others === undefined || allowOtherInstallation) return;',
    replace: 'if (bound?.others === undefined || bound.others.issues > 0) return;',
  },
  {
    name: 'empty baseline on adoption',
    file: 'src/sync/create.ts',
    find: 'base: baseOfCreate(op.payload, work.session.integration.mapping.version),',
    replace:
      "base: how === 'adopted' ? undefined : baseOfCreate(op.payload, work.session.integration.mapping.version),",
  },
  {
    name: 'newest by our clock, without a margin: what we hear of later is taken for later',
    file: 'src/domain/winner.ts',
    find: "if (threatAt === undefined || issueAt === undefined) return 'ask';",
    replace: "if (threatAt === undefined || issueAt === undefined) return 'issue';",
  },
  {
    name: 'the baseline moves before the write',
    file: 'src/sync/apply.ts',
    find: 'await tx.ops.insert(op);',
    replace:
      'await tx.ops.insert({ ...op, payload: { ...op.payload, issue: {} } });\n      const early = await tx.links.get(op.linkId);\n      if (early?.base !== undefined) await tx.links.update({ ...early, base: { ...early.base, threat: { ...early.base.threat, ...op.payload.threat }, issue: { ...early.base.issue, ...op.payload.issue } } });',
  },
];

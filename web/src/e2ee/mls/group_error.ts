/** Why something that came in was not taken. */
export type GroupFault =
  /** Not the bytes of a message we know. */
  | 'malformed'
  /** A commit that breaks one of the rules R1 to R6: ignored, the group stays as it is. */
  | 'refused'
  /** No member signed it: ignored. */
  | 'unsigned'
  /** Signed and within the rules, but no member could apply it: ignored. */
  | 'invalid'
  /** Signed and within the rules, and perhaps others apply it, but we cannot: sending stops and we ask for a REJOIN. */
  | 'unreachable'
  /** A message of an epoch, or from a sender, that is over. */
  | 'stale'
  /** We were removed, or never let in: there is no group to do this in. */
  | 'closed';

/** One of the validity rules of a commit. */
export type Rule = 'R1' | 'R2' | 'R3' | 'R4' | 'R5' | 'R6';

/** GroupError is what everything in this folder throws at input from outside. Its text holds no secret and no name. */
export class GroupError extends Error {
  override readonly name = 'GroupError';

  constructor(readonly fault: GroupFault, readonly why: string, options: { readonly rule?: Rule; readonly cause?: unknown } = {}) {
    super(`${options.rule ?? fault}: ${why}`, 'cause' in options ? { cause: options.cause } : undefined);
    this.rule = options.rule;
  }

  /** The rule that was broken, where the fault is refused. */
  readonly rule: Rule | undefined;

  /** Leaf of the member that signed what was refused, where that is proven: it may be named to people. */
  provenSender: number | undefined;
}

/** refuse throws: the commit breaks the rule. */
export function refuse(rule: Rule, why: string, cause?: unknown): never {
  throw new GroupError('refused', why, { rule, cause });
}

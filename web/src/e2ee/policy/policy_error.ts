/** What is wrong with bytes that somebody else made. */
export type PolicyFault =
  /** Not deterministic CBOR, too long, too deep, an unknown key, a value out of its range. */
  | 'malformed'
  /** A signature, or a chain of them, does not hold. */
  | 'signature'
  /** Whole and signed, but for another room, group, key or link. */
  | 'foreign';

/** PolicyError is thrown by every reader in this folder. where names the field, never its content. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';

  constructor(readonly fault: PolicyFault, readonly where: string) {
    super(`${where}: ${fault}`);
  }
}

/** Why nothing can be encrypted here: the browser lacks what it takes, or the worker does not start or answer. */
export type GuardFault = 'browser' | 'worker';

/** GuardError tells that there is no encryption, and so no media: never that it goes on without. */
export class GuardError extends Error {
  override readonly name = 'GuardError';

  constructor(readonly fault: GuardFault) {
    super(`no encryption: ${fault}`);
  }
}

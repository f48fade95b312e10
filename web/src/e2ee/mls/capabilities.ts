import { encodeCapabilities, type Capabilities } from 'ts-mls/capabilities.js';
import type { ClientConfig } from 'ts-mls/clientConfig.js';
import { equal } from '../policy/bytes.ts';
import { roomExtension } from '../policy/room.ts';
import { suiteName } from './suite.ts';

/** capabilities is what every leaf of ours says it can do (RFC 9420, 7.2): one suite, one extension, no proposal of our own. */
export const capabilities: Capabilities = {
  versions: ['mls10'],
  ciphersuites: [suiteName],
  extensions: [roomExtension],
  proposals: [],
  credentials: ['basic'],
};

/** ourCapabilities says whether a leaf can do exactly what ours can. */
export function ourCapabilities(given: Capabilities): boolean {
  return sameCapabilities(given, capabilities);
}

/** sameCapabilities compares the encodings. */
export function sameCapabilities(a: Capabilities, b: Capabilities): boolean {
  return equal(encodeCapabilities(a), encodeCapabilities(b));
}

/** clientConfig of the library. Keys of one former epoch are kept, where its default is four. */
export const clientConfig: ClientConfig = {
  keyRetentionConfig: { retainKeysForGenerations: 10, retainKeysForEpochs: 1, maximumForwardRatchetSteps: 200 },
  // Times are for whoever adds somebody (see checkNewcomer), never for validity.
  lifetimeConfig: { maximumTotalLifetime: 3600n + 2n * 600n, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: {
    compareKeyPackages: (a, b) => equal(a.leafNode.signaturePublicKey, b.leafNode.signaturePublicKey),
    compareKeyPackageToLeafNode: (a, b) => equal(a.leafNode.signaturePublicKey, b.signaturePublicKey),
  },
  paddingConfig: { kind: 'padUntilLength', padUntilLength: 256 },
  // Credentials are judged by rule R6 before the library sees a commit, and by the joiner's checks.
  authService: { validateCredential: () => Promise.resolve(true) },
};

import { generateKeyPackageWithKey, makeKeyPackageRef, type KeyPackage, type PrivateKeyPackage } from 'ts-mls/keyPackage.js';
import { own, type Bytes } from '../policy/bytes.ts';
import { encodeCredential, issueCredential, type CredentialClaim } from '../policy/credential.ts';
import type { Signer } from '../policy/signing.ts';
import { capabilities } from './capabilities.ts';
import { GroupError } from './group_error.ts';
import { leafSigner, type Suite } from './suite.ts';
import { decodeMessage, encodeMessage, limits } from './wire.ts';

/** How long a KeyPackage may be added, and how far clocks may be apart, seconds. */
export const keyPackageLife = 3600;
export const clockSkew = 600;

/** How long a credential holds, seconds. */
export const credentialLife = 24 * 3600;

/** What a leaf says of its owner, before it has a key. */
export type LeafClaim = Omit<CredentialClaim, 'leafKey' | 'notAfter'>;

/**
 * JoinKey is one KeyPackage and its private keys: it waits for one Welcome. A new one is made for each page load and each wait; the
 * keys are in memory only. take gives the private keys once.
 */
export class JoinKey {
  readonly #packages: { readonly publicPackage: KeyPackage; readonly privatePackage: PrivateKeyPackage };
  #taken = false;

  private constructor(
    readonly claim: LeafClaim,
    /** The KeyPackage as it travels. */
    readonly keyPackage: Bytes,
    /** KeyPackageRef (RFC 9420, 5.2): what a host sees on the card and adds. */
    readonly ref: Bytes,
    packages: { readonly publicPackage: KeyPackage; readonly privatePackage: PrivateKeyPackage },
  ) {
    this.#packages = packages;
  }

  /** make creates leaf keys and a credential for them. nowSeconds is Unix time. */
  static async make(identity: Signer, claim: LeafClaim, nowSeconds: number, suite: Suite): Promise<JoinKey> {
    const keys = await suite.signature.keygen();
    const credential = await issueCredential(identity, {
      ...claim, leafKey: own(keys.publicKey), notAfter: nowSeconds + credentialLife,
    });
    const lifetime = { notBefore: BigInt(nowSeconds - clockSkew), notAfter: BigInt(nowSeconds + keyPackageLife) };
    const packages = await generateKeyPackageWithKey(
      { credentialType: 'basic', identity: encodeCredential(credential) }, capabilities, lifetime, [], keys, suite,
    );
    const ref = own(await makeKeyPackageRef(packages.publicPackage, suite.hash));
    const keyPackage = encodeMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: packages.publicPackage });
    return new JoinKey(claim, keyPackage, ref, packages);
  }

  /** look at the packages without using them up: a Welcome that is not for us must not cost us the wait. */
  get packages(): { readonly publicPackage: KeyPackage; readonly privatePackage: PrivateKeyPackage } {
    if (this.#taken) throw new GroupError('closed', 'the KeyPackage was used before');
    return this.#packages;
  }

  /** signer of the leaf key. */
  get signer(): Signer {
    return leafSigner(this.#packages.publicPackage.leafNode.signaturePublicKey, this.#packages.privatePackage.signaturePrivateKey);
  }

  /** spend ends the key: a second Welcome for it finds nothing. The init key, which only Welcomes need, is erased. */
  spend(): void {
    this.#taken = true;
    this.#packages.privatePackage.initPrivateKey.fill(0);
  }
}

/** decodeKeyPackage reads a KeyPackage that came in. Errors: GroupError malformed. */
export function decodeKeyPackage(bytes: Uint8Array): KeyPackage {
  const message = decodeMessage(bytes, limits.keyPackage);
  if (message.wireformat !== 'mls_key_package') throw new GroupError('malformed', 'not a KeyPackage');
  return message.keyPackage;
}

// MLS cipher suite 1 (RFC 9420, 17.1) over WebCrypto and @hpke/core. The library's own providers are not imported: they reach for
// suites, and packages, that we never use.
import { Aes128Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { getCiphersuiteFromName, type CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import { makeHashImpl } from 'ts-mls/crypto/implementation/default/makeHashImpl.js';
import { makeKdfImpl } from 'ts-mls/crypto/implementation/default/makeKdfImpl.js';
import { makeGenericHpke } from 'ts-mls/crypto/implementation/hpke.js';
import type { Aead } from 'ts-mls/crypto/aead.js';
import type { Signature } from 'ts-mls/crypto/signature.js';
import { own, type Bytes } from '../policy/bytes.ts';
import type { Signer } from '../policy/signing.ts';

/** The one suite: X25519, AES-128-GCM, SHA-256, Ed25519. */
export const suiteName = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';

/** Suite is what the library computes with. It holds no secret and may be shared. */
export type Suite = CiphersuiteImpl;

/** newSuite prepares the suite. */
export async function newSuite(): Promise<Suite> {
  return {
    name: suiteName,
    hash: makeHashImpl(crypto.subtle, 'SHA-256'),
    kdf: makeKdfImpl(new HkdfSha256()),
    hpke: await makeGenericHpke(getCiphersuiteFromName(suiteName).hpke, aes128gcm, newHpke()),
    signature: ed25519,
    rng: { randomBytes: (n) => crypto.getRandomValues(new Uint8Array(n)) },
  };
}

/** newHpke is HPKE (RFC 9180) with the algorithms of the suite; bundles are sealed with the same. */
export function newHpke(): CipherSuite {
  return new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() });
}

/** leafSigner signs with the private key of an MLS leaf, PKCS #8, as the library keeps it. */
export function leafSigner(publicKey: Uint8Array, privateKey: Uint8Array): Signer {
  return { publicKey: own(publicKey), sign: async (message) => own(await ed25519.sign(privateKey, message)) };
}

const aes128gcm: Aead = {
  async encrypt(key, nonce, aad, plaintext) {
    const secret = await importAes(key, 'encrypt');
    return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: own(nonce), additionalData: own(aad) }, secret, own(plaintext)));
  },
  async decrypt(key, nonce, aad, ciphertext) {
    const secret = await importAes(key, 'decrypt');
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: own(nonce), additionalData: own(aad) }, secret, own(ciphertext)));
  },
};

const ed25519: Signature = {
  async sign(privateKey, message) {
    const key = await crypto.subtle.importKey('pkcs8', own(privateKey), 'Ed25519', false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign('Ed25519', key, own(message)));
  },
  async verify(publicKey, message, signature) {
    try {
      const key = await crypto.subtle.importKey('raw', own(publicKey), 'Ed25519', false, ['verify']);
      return await crypto.subtle.verify('Ed25519', key, own(signature), own(message));
    } catch {
      // A key or signature of a wrong form proves nothing.
      return false;
    }
  },
  async keygen() {
    const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
    return {
      publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
      signKey: new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey)),
    };
  },
};

function importAes(key: Uint8Array, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', own(key) satisfies Bytes, 'AES-GCM', false, [usage]);
}

import { equal, join, type Bytes } from './bytes.ts';
import type { Header } from './header.ts';
import { kindCode, type Kind } from './kind.ts';

/** The bytes of a sender tag; it stands behind the ciphertext. */
export const tagBytes = 8;

/**
 * SenderTag tells members from grantees: while a kind is granted, those who hold its key are more than the members, but only
 * members hold the tag key. It does not tell one member from another.
 */
export class SenderTag {
  readonly #key: CryptoKey;

  private constructor(key: CryptoKey) {
    this.#key = key;
  }

  /** of takes the tag key of an epoch in, 32 bytes, which are copied. */
  static async of(secret: Bytes): Promise<SenderTag> {
    return new SenderTag(await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']));
  }

  /**
   * make is the start of HMAC-SHA-256 over u8(kind), u8 and header, u32 and clear bytes, ciphertext: nobody without the key can
   * forge a frame, give an old one a new number or splice two.
   */
  async make(kind: Kind, header: Header, clear: Bytes, ciphertext: Bytes): Promise<Bytes> {
    const start = new Uint8Array([kindCode(kind), header.bytes.length]);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, clear.length);
    const signed = join([start, header.bytes, length, clear, ciphertext]);
    return new Uint8Array(await crypto.subtle.sign('HMAC', this.#key, signed), 0, tagBytes);
  }

  /** matches compares in constant time. */
  async matches(tag: Bytes, kind: Kind, header: Header, clear: Bytes, ciphertext: Bytes): Promise<boolean> {
    return equal(tag, await this.make(kind, header, clear, ciphertext));
  }
}

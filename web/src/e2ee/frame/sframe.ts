import { join, type Bytes } from './bytes.ts';
import type { Header } from './header.ts';
import { Refusal } from './refusal.ts';

/** The cipher suites with AES-GCM (RFC 9605, section 4.5): 4 with a key of 128 bits, 5 with one of 256. */
export type Suite = 4 | 5;

/** The bytes that authenticate a ciphertext; they are its last. */
export const authenticationBytes = 16;

const nonceBytes = 12;
const suites: Readonly<Record<Suite, { readonly keyBits: number; readonly hash: string }>> = {
  4: { keyBits: 128, hash: 'SHA-256' },
  5: { keyBits: 256, hash: 'SHA-512' },
};
const text = new TextEncoder();

/** BaseKey is a base_key that can no longer be read out, only derived from. */
export type BaseKey = CryptoKey;

/** importBaseKey takes a base_key in. The bytes are copied: the caller may erase them. */
export function importBaseKey(secret: Bytes): Promise<BaseKey> {
  return crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey', 'deriveBits']);
}

/** SFrameKey seals and opens under one base key and one key id. Source: RFC 9605, section 4.4. */
export class SFrameKey {
  readonly #key: CryptoKey;
  readonly #salt: Bytes;

  private constructor(key: CryptoKey, salt: Bytes) {
    this.#key = key;
    this.#salt = salt;
  }

  /** derive makes the key of a key id (RFC 9605, section 4.4.2). */
  static async derive(suite: Suite, kid: bigint, base: BaseKey): Promise<SFrameKey> {
    const { keyBits, hash } = suites[suite];
    const parameters = (label: string) => ({ name: 'HKDF', hash, salt: new Uint8Array(0), info: info(label, kid, suite) });
    const [key, salt] = await Promise.all([
      crypto.subtle.deriveKey(parameters('key'), base, { name: 'AES-GCM', length: keyBits }, false, ['encrypt', 'decrypt']),
      crypto.subtle.deriveBits(parameters('salt'), base, nonceBytes * 8),
    ]);
    return new SFrameKey(key, new Uint8Array(salt));
  }

  /**
   * seal gives ciphertext and authentication, without the header. Whoever calls it never uses a counter twice.
   * Owner: nothing is kept; the result is new.
   */
  async seal(header: Header, metadata: Bytes, plaintext: Bytes): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.encrypt(this.#parameters(header, metadata), this.#key, plaintext));
  }

  /** open is the reverse. Errors: Refusal `malformed` when too short, `authentication` when it does not open. */
  async open(header: Header, metadata: Bytes, ciphertext: Bytes): Promise<Bytes> {
    if (ciphertext.length < authenticationBytes) throw new Refusal('malformed');
    try {
      return new Uint8Array(await crypto.subtle.decrypt(this.#parameters(header, metadata), this.#key, ciphertext));
    } catch {
      throw new Refusal('authentication');
    }
  }

  #parameters(header: Header, metadata: Bytes): AesGcmParams {
    const iv = this.#salt.slice();
    const view = new DataView(iv.buffer);
    view.setBigUint64(4, view.getBigUint64(4) ^ header.counter);
    return { name: 'AES-GCM', iv, additionalData: metadata.length === 0 ? header.bytes : join([header.bytes, metadata]) };
  }
}

function info(label: string, kid: bigint, suite: Suite): Bytes {
  const tail = new DataView(new ArrayBuffer(10));
  tail.setBigUint64(0, kid);
  tail.setUint16(8, suite);
  return join([text.encode(`SFrame 1.0 Secret ${label} `), new Uint8Array(tail.buffer)]);
}

import { concat, lab, own, u64 } from '../policy/bytes.ts';

const rounds = 2 ** 19;

/**
 * longCode is what people compare in writing, over another channel: six groups of five digits, the same for all who share the epoch.
 * It is stretched (PBKDF2-HMAC-SHA-256, 2^19 rounds, about 0.1 s), as a server with a ghost in both halves of a split room may look
 * for any two epochs with equal codes. authenticator is the epoch authenticator, group the MLS group id.
 */
export async function longCode(authenticator: Uint8Array, group: Uint8Array, epoch: bigint): Promise<string> {
  const secret = await crypto.subtle.importKey('raw', own(authenticator), 'PBKDF2', false, ['deriveBits']);
  const salt = concat(lab('legroom/1 long code'), group, u64(epoch));
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, secret, 30 * 8);
  const bytes = [...new Uint8Array(bits)];
  const groups: string[] = [];
  for (let at = 0; at < bytes.length; at += 5) {
    const value = bytes.slice(at, at + 5).reduce((n, byte) => n * 256 + byte, 0);
    groups.push(String(value % 100_000).padStart(5, '0'));
  }
  return groups.join(' ');
}

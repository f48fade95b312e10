import { base64url, equal, fromBase64url, lab, type Bytes } from './bytes.ts';
import type { Charter, Mode } from './charter.ts';
import { sha256 } from './signing.ts';

/** Link is what stands after the # of an invitation: made in the owner's browser, never sent to a server. */
export interface Link {
  /** The loosest mode that the joiner accepts. */
  readonly mode: Mode;
  /** Fingerprint of the owner's identity key, 16 bytes. */
  readonly owner: Bytes;
  /** Shared by all who were given the link, 16 random bytes. */
  readonly secret: Bytes;
}

const letters = { sealed: 's', mixed: 'm' } as const;

/** ownerFingerprint is the first 16 bytes of SHA-256 over a label and the owner's identity key. */
export async function ownerFingerprint(owner: Uint8Array): Promise<Bytes> {
  return (await sha256(lab('legroom/1 owner'), owner)).slice(0, 16);
}

/** newLink makes the link of a room that this identity owns. */
export async function newLink(owner: Uint8Array, mode: Mode): Promise<Link> {
  return { mode, owner: await ownerFingerprint(owner), secret: crypto.getRandomValues(new Uint8Array(16)) };
}

/** formatLink is the fragment without its #: 1.<s|m>.<fingerprint>.<secret>. */
export function formatLink(link: Link): string {
  return ['1', letters[link.mode], base64url(link.owner), base64url(link.secret)].join('.');
}

/** parseLink reads a fragment without its #, or is undefined where it is no link of ours. */
export function parseLink(fragment: string): Link | undefined {
  const [version, letter, fingerprint, hidden, ...rest] = fragment.split('.');
  if (version !== '1' || rest.length > 0 || (letter !== 's' && letter !== 'm')) return undefined;
  const owner = fromBase64url(fingerprint ?? '');
  const secret = fromBase64url(hidden ?? '');
  if (owner?.length !== 16 || secret?.length !== 16) return undefined;
  return { mode: letter === 's' ? 'sealed' : 'mixed', owner, secret };
}

/** linkNames says whether the charter is of the owner that the link names. */
export async function linkNames(link: Link, charter: Charter): Promise<boolean> {
  return equal(link.owner, await ownerFingerprint(charter.owner));
}

import type { FoundingTerms } from '../e2ee/meeting/founding.ts';
import { kinds, type Kind } from '../e2ee/frame/kind.ts';
import { equal, fromBase64url, type Bytes } from '../e2ee/policy/bytes.ts';
import { ownerFingerprint, type Link } from '../e2ee/policy/link.ts';
import type { Welcome } from '../protocol/messages.ts';
import type { Owner } from './encryption.ts';

/** The kinds that the setting `audio` means: microphones, and the sound of shared screens. */
const soundKinds: readonly Kind[] = kinds.filter((kind) => kind === 'audio' || kind === 'screen-audio');

/** Standing is what this browser is to the room. */
export interface Standing {
  readonly owner: Owner;
  /** It may begin a meeting where there is none. */
  readonly mayFound: boolean;
  /** It may once its user has said so: another is the owner until then. */
  readonly mayBegin: boolean;
  /** The invitation names another owner than the gateway does, and it is not for us to change that. */
  readonly foreign: boolean;
}

/**
 * standingOf says who may begin: a visit by the host link that is the owner, or where nobody is; never one whose own invitation
 * names somebody else. Guests never.
 */
export async function standingOf(
  encryption: NonNullable<Welcome['encryption']>, visit: { readonly host: boolean; readonly identity: Bytes; readonly link: Link | undefined },
): Promise<Standing> {
  const { host, identity, link } = visit;
  const owner = encryption.owner === undefined ? undefined : fromBase64url(encryption.owner);
  const mine = owner !== undefined && equal(owner, identity);
  const ours = link === undefined || equal(link.owner, await ownerFingerprint(identity));
  const told = link === undefined || owner === undefined || equal(link.owner, await ownerFingerprint(owner));
  const mayBegin = host && owner !== undefined && !mine && !encryption.ownerPinned && ours;
  return {
    owner: { known: owner !== undefined, mine, pinned: encryption.ownerPinned },
    mayFound: host && ours && (owner === undefined || mine),
    mayBegin,
    foreign: !told && !mayBegin,
  };
}

/** foundingTerms are those of a meeting that this browser begins as the room's owner: what the gateway is set to, which members see and hosts may change. link is the owner's own. */
export function foundingTerms(identity: Bytes, { room: { mode }, encryption }: Welcome, link: Link | undefined): FoundingTerms | undefined {
  if (mode === 'open' || encryption === undefined) return undefined;
  const gateway = fromBase64url(encryption.gateway);
  return {
    owner: identity, floor: mode, mode, locked: false, maxScope: encryption.maxScope === 'audio' ? soundKinds : kinds,
    gateways: gateway === undefined ? [] : [gateway], vetoRule: encryption.vetoRule, fallback: [],
    ...(link === undefined ? {} : { link }),
  };
}

import type { Kind } from '../frame/kind.ts';
import type { Bytes } from '../policy/bytes.ts';
import type { Mode } from '../policy/charter.ts';
import type { Consent } from '../policy/consent.ts';
import type { SignedRequest } from '../policy/grant_request.ts';
import type { HostEntry } from '../policy/hosts.ts';
import type { VetoRule } from '../policy/room.ts';
import type { Newcomer } from './newcomer.ts';

/**
 * Edit is a wish for the group as it will be when a commit gets through: in words that still mean the same after somebody else's
 * commit won. It names identities and grant numbers, never leaf numbers and never whole lists: a list from before brings back what
 * was revoked meanwhile, and a leaf number may by now be a newcomer's.
 */
export type Edit = RosterEdit | PolicyEdit | RevokeEdit | OtherEdit;

/** RosterEdit changes who is in the group; several go into one commit. */
export type RosterEdit =
  | { readonly do: 'add'; readonly newcomer: Newcomer }
  | { readonly do: 'remove'; readonly identity: Bytes };

/** PolicyEdit changes one member of the policy; several go into one commit. */
export type PolicyEdit =
  | { readonly do: 'mode'; readonly mode: Mode }
  | { readonly do: 'lock' }
  | { readonly do: 'maxScope'; readonly scope: readonly Kind[] }
  | { readonly do: 'vetoRule'; readonly rule: VetoRule }
  | { readonly do: 'gateway'; readonly key: Bytes; readonly listed: boolean }
  /** Makes somebody a host by an entry that a present host signed. */
  | { readonly do: 'host'; readonly entry: HostEntry }
  /** Takes the role away, or gives it back to somebody who once had it. */
  | { readonly do: 'hostOut'; readonly identity: Bytes; readonly out: boolean }
  | { readonly do: 'fallback'; readonly entry: HostEntry }
  | { readonly do: 'fallbackOut'; readonly identity: Bytes }
  | GrantEdit;

/** GrantEdit lets a gateway in, in place of a grant that it has. */
export interface GrantEdit {
  readonly do: 'grant';
  readonly signed: SignedRequest;
  readonly scope: readonly Kind[];
  readonly speak: readonly Kind[];
  readonly notAfter: number;
  /** Where the veto rule is all: those of one epoch, so that a lost race asks for new ones. */
  readonly consents?: { readonly epoch: bigint; readonly given: readonly Consent[] } | undefined;
}

/** RevokeEdit deletes one grant. Everybody may. */
export interface RevokeEdit {
  readonly do: 'revoke';
  readonly n: number;
}

/** OtherEdit stands alone in its commit. */
export type OtherEdit =
  /** Puts the new leaf of an identity in place of its old one. */
  | { readonly do: 'rejoin'; readonly newcomer: Newcomer }
  /** Makes ourselves a host, where we are in fallbackHost. */
  | { readonly do: 'takeover' }
  /** New keys for the epoch after this one. */
  | { readonly do: 'refresh'; readonly epoch: bigint };

import { formatLink, parseLink } from '../e2ee/policy/link.ts';
import type { Invitation, State } from './state.ts';

/** What an address or a typed text says about where to go. */
export interface Address {
  readonly room: string;
  readonly invitation: Invitation | undefined;
}

const keyForm = /^[hg]\.[A-Za-z0-9_-]{4,256}$/;
const roomForm = /^[0-9]{1,12}$/;
/** Members of the link before the key, which has two of its own. */
const linkMembers = 4;

/** readAddress takes the path and fragment of a page: /r/1000#g.SECRET, or the link of an encrypted room, #1.m.OWNER.SECRET.g.SECRET. */
export function readAddress(path: string, fragment: string): Address {
  const room = /^\/r\/([^/]+)\/?$/.exec(path)?.[1] ?? '';
  if (!roomForm.test(room)) return { room: '', invitation: undefined };
  return { room, invitation: readFragment(room, fragment.replace(/^#/, '')) };
}

/** readFragment is undefined for a link that is only half right: without its first half the room would be entered on trust. */
function readFragment(room: string, fragment: string): Invitation | undefined {
  if (keyForm.test(fragment)) return { room, key: fragment };
  const members = fragment.split('.');
  const link = parseLink(members.slice(0, linkMembers).join('.'));
  const key = members.slice(linkMembers).join('.');
  return link !== undefined && keyForm.test(key) ? { room, key, link } : undefined;
}

/** readTyped takes what somebody typed or pasted: a whole link, or a room number. Undefined when it is neither. */
export function readTyped(typed: string): Address | undefined {
  const trimmed = typed.trim().replace(/\s+(?=\d)/g, '');
  if (roomForm.test(trimmed)) return { room: trimmed, invitation: undefined };
  const link = /(\/r\/[^/#?]+)\/?(?:\?[^#]*)?(#.*)?$/.exec(typed.trim());
  if (link?.[1] === undefined) return undefined;
  const address = readAddress(link[1], link[2] ?? '');
  return address.room === '' ? undefined : address;
}

/** linkOf is the address that an invitation is sent by. Nothing behind its # goes to a server but the key. */
export function linkOf({ room, key, link }: Invitation, origin: string): string {
  return `${origin}/r/${room}#${link === undefined ? '' : `${formatLink(link)}.`}${key}`;
}

/** isHostLink tells that whoever holds the invitation is a host. */
export function isHostLink(invitation: Invitation): boolean {
  return invitation.key.startsWith('h.');
}

/** toHandOn is the invitation for another guest, or undefined for whoever has none to give: a host's own link is not handed on. */
export function toHandOn({ invitation, guestKey, encryption }: State): Invitation | undefined {
  if (invitation === undefined) return undefined;
  const key = guestKey ?? (isHostLink(invitation) ? undefined : invitation.key);
  if (key === undefined) return undefined;
  const link = encryption?.link;
  return { room: invitation.room, key, ...(link === undefined ? {} : { link }) };
}

import type { Invitation } from './state.ts';

/** What an address or a typed text says about where to go. */
export interface Address {
  readonly room: string;
  readonly invitation: Invitation | undefined;
}

const keyForm = /^[hg]\.[A-Za-z0-9_-]{4,256}$/;
const roomForm = /^[0-9]{1,12}$/;

/** readAddress takes the path and fragment of a page: /r/1000#g.SECRET. */
export function readAddress(path: string, fragment: string): Address {
  const room = /^\/r\/([^/]+)\/?$/.exec(path)?.[1] ?? '';
  if (!roomForm.test(room)) return { room: '', invitation: undefined };
  const key = fragment.replace(/^#/, '');
  return { room, invitation: keyForm.test(key) ? { room, key } : undefined };
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

/** linkOf is the address that an invitation is sent by. */
export function linkOf(invitation: Invitation, origin: string): string {
  return `${origin}/r/${invitation.room}#${invitation.key}`;
}

/** isHostLink tells that whoever holds the invitation is a host. */
export function isHostLink(invitation: Invitation): boolean {
  return invitation.key.startsWith('h.');
}

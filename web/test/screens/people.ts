import type { Participant } from '../../src/protocol/messages.ts';

const since = 1_760_000_000_000;

/** person makes a participant of the sort that most are: a guest with a browser, unmuted, camera on. */
export function person(id: string, name: string, change: Partial<Participant> = {}): Participant {
  return {
    id, name, kind: 'browser', role: 'guest', state: 'joined', muted: false, mutedByHost: false, hand: 0, security: 'dtls',
    sources: change.kind === 'phone' ? ['microphone'] : ['microphone', 'camera'], joinedAt: since + id.charCodeAt(0) * 1000, ...change,
  };
}

export const me = person('me', 'Anna Weber', { joinedAt: since });
export const host = person('me', 'Anna Weber', { joinedAt: since, role: 'host' });
export const priya = person('p', 'Priya Raman', { role: 'host' });
export const tomasz = person('t', 'Tomasz Kowalski', { muted: true });
export const phone = person('f', '+49 *** 4711', { kind: 'phone', security: 'sdes' });
export const clearPhone = person('g', '+44 *** 0190', { kind: 'phone', security: 'clear', hand: since + 5000, muted: true });
export const leakyPhone = person('h', '+1 *** 2368', { kind: 'phone', security: 'sdesKeyInClear', muted: true, mutedByHost: true });
export const boardroom = person('b', 'Boardroom Zürich', { kind: 'roomSystem', security: 'dtls' });
export const silent = person('s', 'Oluwaseun Adebayo-Fitzgerald', { sources: ['microphone'], hand: since + 9000 });
export const queue = [
  person('w', 'Jonas Lindqvist', { state: 'waiting', sources: [] }),
  person('x', '+49 *** 0815', { state: 'waiting', kind: 'phone', security: 'sdes', sources: [] }),
];

export const few = [me, priya, tomasz, phone];
export const mixed = [me, priya, tomasz, boardroom, phone, clearPhone, leakyPhone, silent];
export const many = [...mixed, ...Array.from({ length: 22 }, (_, i) => person(String.fromCharCode(0x100 + i), `Participant ${i + 1}`, { sources: i % 3 === 0 ? ['microphone', 'camera'] : ['microphone'], muted: i % 2 === 0 }))];
export const asHost = (people: readonly Participant[]): readonly Participant[] => [host, ...people.filter((p) => p.id !== 'me')];

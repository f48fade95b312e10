// The sentences behind the mark. Pure.
import type { Compared, RoomState, Saying } from '../../e2ee/meeting/room_state.ts';
import { clock, hears, lineCount, listed, nameOr, type Speech } from './phrases.ts';

/** SystemName names the telephone system of a gateway's key. */
export type SystemName = (gateway: Uint8Array) => string;

/** sentences are all that a state says, in its order. */
export function sentences(speech: Speech, { says }: Pick<RoomState, 'says'>, system: SystemName): readonly string[] {
  return says.map((saying) => sentence(speech, saying, system));
}

/** sentence is one of them. */
export function sentence(speech: Speech, saying: Saying, system: SystemName): string {
  const { say } = speech;
  switch (saying.key) {
    case 'e2ee.sealed':
    case 'e2ee.asked':
      return saying.people === 1 ? say(`${saying.key}.one`) : say(saying.key, { people: saying.people });
    case 'e2ee.checked':
    case 'e2ee.unchecked':
    case 'e2ee.phoneEarlier':
    case 'e2ee.videoPrivate':
    case 'e2ee.closing':
    case 'e2ee.open':
      return say(saying.key);
    case 'e2ee.verified':
      return verified(speech, saying.compared);
    case 'e2ee.audioOpen':
    case 'e2ee.mediaOpen':
      return listening(speech, saying, system);
    case 'e2ee.mayStillHear':
      return say(saying.key, { names: listed(speech, saying.names.map((name) => nameOr(speech, name))) });
    case 'e2ee.broken':
      return `${say(saying.key)} ${say(`e2ee.broken.${saying.why}`)}`;
  }
}

/** verified says when a code was compared, and whom that does not speak for. */
export function verified(speech: Speech, { at, since }: Compared): string {
  const { say } = speech;
  const time = clock(speech, at);
  if (since.length === 0) return say('e2ee.verified', { time });
  const names = since.map(({ name, letInBy }) => {
    const shown = nameOr(speech, name);
    return letInBy === undefined ? shown : `${shown} (${say('trust.letInBy', { name: nameOr(speech, letInBy) })})`;
  });
  return say('e2ee.verified.since', { time, names: listed(speech, names) });
}

function listening(speech: Speech, { key, listener }: Extract<Saying, { key: 'e2ee.audioOpen' | 'e2ee.mediaOpen' }>, system: SystemName): string {
  const { say } = speech;
  const { gateway, legs, scope, allowed } = listener;
  const values = { system: system(gateway), lines: lineCount(speech, legs) };
  const said = key === 'e2ee.audioOpen' ? say(key, values) : say(key, { ...values, kinds: hears(speech, scope) });
  return allowed === undefined ? said : `${said} ${say('e2ee.allowed', { name: nameOr(speech, allowed.by), time: clock(speech, allowed.at) })}`;
}

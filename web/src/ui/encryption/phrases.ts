// Parts of sentences about an encrypted room. Pure.
import type { AskCard, Card, Failure, GrantCard, RosterEntry } from '../../e2ee/meeting/events.ts';
import { kinds as allKinds, type Kind } from '../../e2ee/frame/kind.ts';
import type { Leg } from '../../e2ee/policy/grant_request.ts';
import type { Undone } from '../../session/encryption.ts';
import type { Language, Say } from '../words/words.ts';

/** Speech is a language, and what it takes to speak of times and lists in it. */
export interface Speech {
  readonly say: Say;
  readonly language: Language;
}

/** Locales whose lists, dates and hours fit the words: English as most of the world writes it. */
const locales: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de' };

/** listed joins parts as people do: "a, b and c", or "a, b or c". */
export function listed({ language }: Speech, parts: readonly string[], type: 'conjunction' | 'disjunction' = 'conjunction'): string {
  return new Intl.ListFormat(locales[language], { type }).format(parts);
}

/** clock is the time of day of Unix seconds. */
export function clock({ language }: Speech, unix: number): string {
  return new Intl.DateTimeFormat(locales[language], { hour: '2-digit', minute: '2-digit' }).format(unix * 1000);
}

/** day is the date of Unix seconds. */
export function day({ language }: Speech, unix: number): string {
  return new Intl.DateTimeFormat(locales[language], { day: 'numeric', month: 'long', year: 'numeric' }).format(unix * 1000);
}

/** hears says what kinds of media are meant, in words. */
export function hears(speech: Speech, kinds: readonly Kind[]): string {
  return listed(speech, soundFirst.filter((kind) => kinds.includes(kind)).map((kind) => speech.say(`kinds.${kind}`)));
}

/** staysPrivate says of what no keys are given: "a, b and c", or after a "no": "a, b or c". */
export function staysPrivate(speech: Speech, kinds: readonly Kind[], type: 'conjunction' | 'disjunction' = 'conjunction'): string {
  const rest = allKinds.filter((kind) => !kinds.includes(kind)).map((kind) => speech.say(`kinds.${kind}`));
  return listed(speech, rest, type);
}

const soundFirst: readonly Kind[] = ['audio', 'screen-audio', 'video', 'screen'];

/** lineCount says how many lines somebody names. */
export function lineCount({ say }: Speech, legs: readonly Leg[]): string {
  if (legs.length === 0) return say('lines.none');
  return legs.length === 1 ? say('lines.one') : say('lines.many', { count: legs.length });
}

/** plainLine is what may be shown of a gateway's claim: nothing that looks like a mark of ours or turns the text around it. */
function plainLine(claim: string): string {
  return claim.normalize('NFKC').replace(/[^\p{L}\p{M}\p{Nd}.,'+*() -]/gu, '').trim();
}

/** lineName is a line as its gateway names it. */
export function lineName({ say }: Speech, leg: Pick<Leg, 'kind' | 'label' | 'number'>): string {
  const label = plainLine(leg.label);
  const number = plainLine(leg.number);
  if (label !== '' && number !== '' && label !== number) return say('leg.name', { label, number });
  return label !== '' ? label : number !== '' ? number : say(`leg.${leg.kind}`);
}

/** nameOr is a name, or that there is none. */
export function nameOr({ say }: Speech, name: string): string {
  return name === '' ? say('name.none') : name;
}

/** trust is what vouches for somebody, in a few words. */
export function trust(speech: Speech, who: Pick<Card | RosterEntry, 'linked' | 'pinned'>): string {
  const { say } = speech;
  const reasons = [
    ...(who.linked ? [say('trust.linked')] : []),
    ...(who.pinned === undefined ? [] : [say('trust.pinned', { date: day(speech, who.pinned) })]),
  ];
  return reasons.length === 0 ? say('trust.none') : reasons.join(', ');
}

/** vouched says whether anything vouches for somebody. */
export function vouched(who: Pick<Card | RosterEntry, 'linked' | 'pinned' | 'impostor'>): boolean {
  return !who.impostor && (who.linked || who.pinned !== undefined);
}

/** system names a telephone system: the server's own by the server's address, any other as unknown. */
export function system({ say }: Speech, own: boolean, host: string): string {
  return own ? say('system.here', { host }) : say('system.other');
}

/** grantLines names the lines of a grant or a request. */
export function grantLines(speech: Speech, { legs }: Pick<GrantCard | AskCard, 'legs'>): string {
  return listed(speech, legs.map((leg) => lineName(speech, leg)));
}

/** failurePhrase says what went wrong. */
export function failurePhrase({ say }: Speech, failure: Failure): string {
  switch (failure.what) {
    case 'badCommit':
      return failure.by === undefined || failure.by === '' ? say('failure.badCommit.unknown') : say('failure.badCommit', { name: failure.by });
    case 'unsent':
    case 'notFounded':
    case 'notWaiting':
      // A full log is no failure of what was asked: it stops everything.
      return failure.fault === 'logFull' ? say('why.logFull') : say(`failure.${failure.what}`, { fault: say(`why.${failure.fault}`) });
    case 'unreadable':
    case 'badAsk':
    case 'badCard':
    case 'badWelcome':
    case 'codesDiffer':
      return say(`failure.${failure.what}`);
  }
}

/** undonePhrase says which wish came to nothing, and why. */
export function undonePhrase({ say }: Speech, { wish, why }: Undone): string {
  return why === 'logFull' ? say('why.logFull') : say('undone', { wish: say(`undone.${wish}`), why: say(`why.${why}`) });
}

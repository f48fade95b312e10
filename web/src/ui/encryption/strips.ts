// The lines above the stage, from what the meeting tells. Pure but for the deeds that it is given.
import type { Command } from '../../e2ee/meeting/events.ts';
import type { Saying } from '../../e2ee/meeting/room_state.ts';
import type { Encryption, Failed, Noted } from '../../session/encryption.ts';
import type { IconName } from '../icon.tsx';
import { failurePhrase, grantLines, lineCount, listed, undonePhrase, type Speech } from './phrases.ts';
import { sentence, type SystemName } from './sentences.ts';

/** One button of a line. */
export interface Act {
  readonly label: string;
  readonly testid: string;
  readonly run: () => void;
}

/** Strip is one line: what is the matter, and what can be done. */
export interface Strip {
  readonly tone: 'plain' | 'caution' | 'grave' | 'alert';
  readonly icon: IconName;
  readonly words: string;
  /** Left out on a narrow screen, where the mark opens the rest. */
  readonly more: string;
  readonly acts: readonly Act[];
  readonly testid: string;
}

/** Deeds are what the buttons do. */
export interface Deeds {
  readonly details: () => void;
  /** Stays silent for a new listener. */
  readonly stay: () => void;
  readonly meeting: (command: Command) => void;
  readonly read: (noted: Noted) => void;
  readonly reload: () => void;
}

/** Wording is how to speak. quiet: the user has decided to stay muted for the listener. */
export interface Wording {
  readonly speech: Speech;
  readonly system: SystemName;
  readonly quiet: boolean;
}

/** stripsOf are the lines that are due, the gravest first. */
export function stripsOf(encryption: Encryption, wording: Wording, deeds: Deeds): readonly Strip[] {
  const all = [...stateStrips(encryption, wording, deeds), ...guardStrips(encryption, wording, deeds), ...ownStrips(encryption, wording, deeds), ...newsStrips(encryption, wording, deeds)];
  const gravity = { alert: 0, grave: 1, caution: 2, plain: 3 };
  return all.sort((a, b) => gravity[a.tone] - gravity[b.tone]);
}

function stateStrips({ state }: Encryption, { speech, system }: Wording, { details, meeting, reload }: Deeds): readonly Strip[] {
  if (state === undefined) return [];
  const { say } = speech;
  const more = { label: say('open.why'), testid: 'strip-details', run: details };
  const told = (keys: readonly Saying['key'][]): string =>
    state.says.filter(({ key }) => keys.includes(key)).map((saying) => sentence(speech, saying, system)).join(' ');
  const strip = { more: '', acts: [more] };
  switch (state.mark) {
    case 'BROKEN':
      return [{ ...strip, tone: 'alert', icon: 'lockBroken', words: told(['e2ee.broken']), testid: 'strip-broken', acts: [{ label: say('fault.reload'), testid: 'strip-reload', run: reload }] }];
    case 'AUDIO OPEN':
    case 'MEDIA OPEN': {
      const listeners = state.says.flatMap((saying) => (saying.key === 'e2ee.audioOpen' || saying.key === 'e2ee.mediaOpen' ? [saying.listener] : []));
      const [only] = listeners;
      const shut = { label: say('panel.revoke'), testid: 'strip-revoke', run: () => meeting({ type: 'revoke', n: only?.n ?? 0 }) };
      const audio = state.mark === 'AUDIO OPEN';
      return [{
        tone: audio ? 'caution' : 'grave', icon: audio ? 'ear' : 'eye', words: told(['e2ee.audioOpen', 'e2ee.mediaOpen']), more: told(['e2ee.videoPrivate']),
        testid: 'strip-open', acts: listeners.length === 1 ? [more, shut] : [more],
      }];
    }
    case 'SEALING':
      return [{ ...strip, tone: 'caution', icon: 'lockHalf', words: told(['e2ee.closing', 'e2ee.mayStillHear']), testid: 'strip-sealing' }];
    case 'SEALED':
    case 'ASKED':
    case 'OPEN':
      return [];
  }
}

/** ownStrips are about one's own voice and role. */
function ownStrips({ listener, notCarriedOut, takeover, policy }: Encryption, { speech: { say }, system, quiet }: Wording, { stay, meeting }: Deeds): readonly Strip[] {
  const strips: Strip[] = [];
  const goOn = (label: string): Act => ({ label, testid: 'go-on', run: () => meeting({ type: 'continue' }) });
  if (notCarriedOut !== undefined) {
    strips.push({ tone: 'alert', icon: 'microphoneOff', words: say(`wish.${notCarriedOut}`), more: '', testid: 'strip-wish', acts: [goOn(say('wish.goOn'))] });
  }
  if (listener !== undefined && quiet) {
    strips.push({ tone: 'alert', icon: 'microphoneOff', words: say('consent.still'), more: '', testid: 'strip-still', acts: [goOn(say('consent.still.continue'))] });
  } else if (listener?.wait === false) {
    const gateway = policy?.grants.at(-1)?.gateway;
    const words = say('consent.chime', { system: gateway === undefined ? say('system.some') : system(gateway) });
    strips.push({ tone: 'caution', icon: 'ear', words, more: '', testid: 'strip-chime', acts: [{ label: say('consent.muteMe'), testid: 'mute-me', run: stay }] });
  }
  if (takeover) {
    strips.push({ tone: 'plain', icon: 'host', words: say('takeover.text'), more: '', testid: 'strip-takeover', acts: [{ label: say('takeover.act'), testid: 'take-over', run: () => meeting({ type: 'takeOver' }) }] });
  }
  return strips;
}

/** guardStrips are what the guard of the media connection found. */
function guardStrips({ cut, overstepped, policy }: Encryption, { speech, system }: Wording, { meeting, reload }: Deeds): readonly Strip[] {
  const { say } = speech;
  const strips: Strip[] = [];
  if (cut.length > 0) {
    const words = say('cut.text', { sources: listed(speech, cut.map((source) => say(`source.${source}`))) });
    strips.push({ tone: 'alert', icon: 'lockBroken', words, more: '', testid: 'strip-cut', acts: [{ label: say('fault.reload'), testid: 'cut-reload', run: reload }] });
  }
  for (const grant of policy?.grants.filter(({ n }) => overstepped.includes(n)) ?? []) {
    const shut = { label: say('panel.revoke'), testid: 'overstepped-revoke', run: () => meeting({ type: 'revoke', n: grant.n }) };
    strips.push({ tone: 'alert', icon: 'ear', words: say('overstepped.text', { system: system(grant.gateway) }), more: '', testid: `strip-overstepped-${grant.n}`, acts: [shut] });
  }
  return strips;
}

/** newsStrips are what happened, until it is read. */
function newsStrips({ newMeeting, lines, undone, failures, policy }: Encryption, { speech, system }: Wording, { read }: Deeds): readonly Strip[] {
  const { say } = speech;
  const strips: Strip[] = [];
  const understood = (noted: Noted): readonly Act[] => [{ label: say('understood'), testid: 'understood', run: () => read(noted) }];
  if (newMeeting) strips.push({ tone: 'plain', icon: 'info', words: say('newMeeting.text'), more: '', testid: 'strip-new', acts: understood({ what: 'newMeeting' }) });
  if (lines !== undefined) {
    const gateway = policy?.grants.find(({ n }) => n === lines.n)?.gateway;
    const named = { system: gateway === undefined ? say('system.some') : system(gateway), lines: lineCount(speech, lines.legs), names: grantLines(speech, lines) };
    strips.push({ tone: 'plain', icon: 'phone', words: say('lines.text', named), more: '', testid: 'strip-lines', acts: understood({ what: 'lines' }) });
  }
  if (undone !== undefined) strips.push({ tone: 'caution', icon: 'warning', words: undonePhrase(speech, undone), more: '', testid: 'strip-undone', acts: understood({ what: 'undone' }) });
  const failed = failures.at(-1);
  if (failed !== undefined) strips.push({ tone: gravityOf(failed), icon: 'warning', words: failurePhrase(speech, failed.failure), more: '', testid: 'strip-failure', acts: understood({ what: 'failure', id: failed.id }) });
  return strips;
}

/** gravityOf is alert where somebody may be in between. */
function gravityOf({ failure: { what } }: Failed): 'caution' | 'alert' {
  return what === 'codesDiffer' || what === 'badWelcome' || what === 'badCommit' ? 'alert' : 'caution';
}

import type { Kind } from '../e2ee/frame/kind.ts';
import type { Source } from '../e2ee/frame/keyid.ts';
import type { Expected } from '../e2ee/frame/opener.ts';
import type { SlotItem } from '../protocol/messages.ts';
import type { CaptureSource } from './capture.ts';

/** Named is where the gateway says that a participant's frames come from: a leaf, or a line under a grant. */
export interface Named {
  readonly leaf?: number | undefined;
  readonly grant?: number | undefined;
  readonly line?: number | undefined;
}

/** kindOf is what a source is sealed as. */
export const kindOf: Readonly<Record<CaptureSource, Kind>> = {
  microphone: 'audio', camera: 'video', screen: 'screen', screenAudio: 'screen-audio',
};

/** A browser has one transceiver of each kind: all are the first of it. */
export const onlyTrack = 0;

/** expectedOf is what a slot may show: nothing where it is empty, or where it is not said whose frames they are. */
export function expectedOf({ source }: SlotItem, from: Named | undefined): Expected | undefined {
  if (source === undefined || from === undefined) return undefined;
  const named = sourceOf(from);
  return named === undefined ? undefined : { kind: kindOf[source], source: named };
}

function sourceOf({ leaf, grant, line }: Named): Source | undefined {
  if (leaf !== undefined) return { type: 'leaf', leaf, track: onlyTrack };
  return grant === undefined || grant === 0 || line === undefined ? undefined : { type: 'grantee', n: grant, leg: line };
}

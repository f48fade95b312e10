/** What a frame shows. Each kind has keys of its own, so that one can be granted without the others. */
export type Kind = 'audio' | 'video' | 'screen' | 'screen-audio';

/** The medium of a kind, as in m-lines. */
export type Medium = 'audio' | 'video';

/** kinds in the order of their codes. */
export const kinds: readonly Kind[] = ['audio', 'video', 'screen', 'screen-audio'];

/** kindCode is the number of a kind in key labels and sender tags, 1 to 4. */
export function kindCode(kind: Kind): number {
  return kinds.indexOf(kind) + 1;
}

/** mediumOf is the medium that carries a kind. */
export function mediumOf(kind: Kind): Medium {
  return kind === 'audio' || kind === 'screen-audio' ? 'audio' : 'video';
}

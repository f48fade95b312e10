/** What a single key does in the room. */
export type ShortcutAction = 'mute' | 'camera' | 'hand' | 'share' | 'people' | 'help';

export const shortcutKeys: readonly { readonly key: string; readonly action: ShortcutAction }[] = [
  { key: 'm', action: 'mute' },
  { key: 'v', action: 'camera' },
  { key: 'h', action: 'hand' },
  { key: 's', action: 'share' },
  { key: 'r', action: 'people' },
  { key: '?', action: 'help' },
];

/** What of a key press matters here. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
  /** The focus is where letters are text or choose something. */
  readonly inField: boolean;
  readonly inDialog: boolean;
}

/** shortcutOf is what a key press asks for, if anything. */
export function shortcutOf(press: KeyPress): ShortcutAction | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey || press.repeat || press.inField || press.inDialog) return undefined;
  return shortcutKeys.find((s) => s.key === press.key.toLowerCase())?.action;
}

/** pressOf reads a key press off the browser's event. */
export function pressOf(event: KeyboardEvent): KeyPress {
  const target = event.target instanceof Element ? event.target : null;
  return {
    key: event.key,
    ctrlKey: event.ctrlKey,
    altKey: event.altKey,
    metaKey: event.metaKey,
    repeat: event.repeat,
    inField: target?.matches('input:not([type=checkbox]), select, textarea, [contenteditable]') ?? false,
    inDialog: document.querySelector('dialog[open]') !== null,
  };
}

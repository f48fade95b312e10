// What this browser remembers between visits: names of devices and the user's own name. Nothing about meetings.
const prefix = 'legroom.';

export type PreferenceKey = 'microphone' | 'camera' | 'speaker' | 'name' | 'theme' | 'language' | 'lobbySound' | 'shortcuts';

export function recall(key: PreferenceKey): string {
  try {
    return localStorage.getItem(prefix + key) ?? '';
  } catch {
    return ''; // storage is switched off: every visit is the first
  }
}

export function remember(key: PreferenceKey, value: string): void {
  try {
    localStorage.setItem(prefix + key, value);
  } catch {
    // Storage is switched off or full: the choice holds for this visit.
  }
}

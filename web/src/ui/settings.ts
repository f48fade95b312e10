import { recall, remember } from '../preference/preference.ts';
import { chooseLanguage, type Language } from './words/words.ts';

export type Theme = 'system' | 'light' | 'dark';

/** The user's choices about the page itself, kept between visits. */
export interface Settings {
  readonly theme: Theme;
  readonly language: Language;
  readonly lobbySound: boolean;
  readonly shortcuts: boolean;
  readonly change: (change: Partial<SettingValues>) => void;
}

export type SettingValues = Omit<Settings, 'change'>;

export function readSettings(): SettingValues {
  const theme = recall('theme');
  const language = recall('language');
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    language: chooseLanguage(language === '' ? navigator.languages : [language]),
    lobbySound: recall('lobbySound') !== 'off',
    shortcuts: recall('shortcuts') !== 'off',
  };
}

export function keepSettings(change: Partial<SettingValues>): void {
  if (change.theme !== undefined) remember('theme', change.theme);
  if (change.language !== undefined) remember('language', change.language);
  if (change.lobbySound !== undefined) remember('lobbySound', change.lobbySound ? 'on' : 'off');
  if (change.shortcuts !== undefined) remember('shortcuts', change.shortcuts ? 'on' : 'off');
}

/** showSettings puts theme and language on the document. */
export function showSettings(values: SettingValues): void {
  const root = document.documentElement;
  root.lang = values.language;
  if (values.theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = values.theme;
}

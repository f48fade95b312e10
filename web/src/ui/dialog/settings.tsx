import type { JSX } from 'preact';
import { usePage, useSelect } from '../context.tsx';
import { DeviceFaults, DeviceFields } from '../devices.tsx';
import { Check, Select } from '../field.tsx';
import type { Theme } from '../settings.ts';
import { chooseLanguage, languages, type Language } from '../words/words.ts';
import { Dialog } from './dialog.tsx';

const themes: readonly Theme[] = ['system', 'light', 'dark'];

export function SettingsDialog({ close }: { readonly close: () => void }): JSX.Element {
  const { say, settings } = usePage();
  const host = useSelect((s) => s.role === 'host');
  return (
    <Dialog title={say('control.settings')} close={close} testid="settings-dialog">
      <div class="stack">
        <DeviceFaults />
        <DeviceFields />
        <div class="pair">
          <Select
            id="theme-choice" label={say('theme')} value={settings.theme}
            choices={themes.map((id) => ({ id, label: say(`theme.${id}`) }))}
            change={(id) => settings.change({ theme: themes.find((t) => t === id) ?? 'system' })}
          />
          <Select
            id="language-choice" label={say('language')} value={settings.language}
            choices={(Object.keys(languages) as Language[]).map((id) => ({ id, label: languages[id].name }))}
            change={(id) => settings.change({ language: chooseLanguage([id]) })}
          />
        </div>
        <Check id="shortcuts" label={say('settings.shortcuts')} checked={settings.shortcuts} change={(shortcuts) => settings.change({ shortcuts })} />
        {host && <Check id="lobby-sound" label={say('settings.lobbySound')} checked={settings.lobbySound} change={(lobbySound) => settings.change({ lobbySound })} />}
      </div>
    </Dialog>
  );
}

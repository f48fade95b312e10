import type { JSX } from 'preact';
import { usePage } from './context.tsx';
import { Icon } from './icon.tsx';

/** The name of the service, and the appearance switch. */
export function Header(): JSX.Element {
  const { say } = usePage();
  return (
    <header class="header">
      <span class="brand"><span class="brand-mark"><Icon name="mark" size={22} /></span>{say('brand')}</span>
      <ThemeSwitch />
    </header>
  );
}

export function ThemeSwitch(): JSX.Element {
  const { say, settings } = usePage();
  const dark = settings.theme === 'dark' || (settings.theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  const label = say(dark ? 'theme.toLight' : 'theme.toDark');
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} data-testid="theme" onClick={() => settings.change({ theme: dark ? 'light' : 'dark' })}>
      <Icon name={dark ? 'sun' : 'moon'} />
    </button>
  );
}

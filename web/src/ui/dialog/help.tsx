import type { JSX } from 'preact';
import { usePage } from '../context.tsx';
import { shortcutKeys } from '../keyboard.ts';
import { Dialog } from './dialog.tsx';

export function Help({ close }: { readonly close: () => void }): JSX.Element {
  const { say, settings } = usePage();
  return (
    <Dialog title={say('help.title')} close={close} testid="help-dialog">
      <div class="stack">
        <p>{say(settings.shortcuts ? 'help.text' : 'help.off')}</p>
        <dl class="facts facts--keys">
          {shortcutKeys.map(({ key, action }) => (
            <><dt><kbd>{key.toUpperCase()}</kbd></dt><dd>{say(`help.${action}`)}</dd></>
          ))}
        </dl>
      </div>
    </Dialog>
  );
}

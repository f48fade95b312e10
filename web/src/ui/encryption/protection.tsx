import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { chime } from '../../media/chime.ts';
import type { Encryption } from '../../session/encryption.ts';
import { usePage } from '../context.tsx';
import { Icon } from '../icon.tsx';
import { Consent } from './consent.tsx';
import { stripsOf, type Strip } from './strips.ts';
import { useEncryption, useSpeech, useSystemName } from './use.ts';

/** What of the encryption needs saying now: in lines above the stage, the gravest first, and in a dialog where it asks. */
export function Protection({ narrow, details }: { readonly narrow: boolean; readonly details: () => void }): JSX.Element | null {
  const encryption = useEncryption();
  return encryption === undefined ? null : <Lines encryption={encryption} narrow={narrow} details={details} />;
}

interface LinesProps {
  readonly encryption: Encryption;
  readonly narrow: boolean;
  readonly details: () => void;
}

function Lines({ encryption, narrow, details }: LinesProps): JSX.Element {
  const { session } = usePage();
  const speech = useSpeech();
  const system = useSystemName();
  const { listener } = encryption;
  const [stayed, setStayed] = useState<bigint>();
  useEffect(() => {
    // A browser that plays no sound without a click plays none here either: the words are enough.
    if (listener !== undefined) chime().catch(() => undefined);
  }, [listener?.epoch]);
  const quiet = listener !== undefined && listener.epoch === stayed;
  const stay = (): void => {
    setStayed(listener?.epoch);
    if (listener?.wait === false) session.meeting({ type: 'muteMe' });
  };
  const strips = stripsOf(encryption, { speech, system, quiet }, {
    details, stay,
    meeting: (command) => session.meeting(command),
    read: (noted) => session.store.dispatch({ type: 'noted', noted }),
    reload: () => location.reload(),
  });
  const most = narrow ? 2 : 4;
  return (
    <>
      <div class="strips" data-testid="strips" aria-live="polite">
        {strips.slice(0, most).map((strip) => <StripLine key={strip.testid} strip={strip} />)}
      </div>
      {listener?.wait === true && !quiet && <Consent listener={listener} stay={stay} />}
    </>
  );
}

function StripLine({ strip: { tone, icon, words, more, acts, testid } }: { readonly strip: Strip }): JSX.Element {
  return (
    <div class={`line line--${tone}`} data-testid={testid}>
      <Icon name={icon} />
      <p>{words}{more !== '' && <span class="line-more"> {more}</span>}</p>
      <span class="line-acts">
        {acts.map(({ label, run, testid: id }) => <button type="button" key={id} class="button button--small" onClick={run} data-testid={id}>{label}</button>)}
      </span>
    </div>
  );
}

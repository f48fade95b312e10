import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ShortCode } from '../../session/encryption.ts';
import { usePage } from '../context.tsx';
import { Note } from '../field.tsx';
import { Icon } from '../icon.tsx';
import { useEncryption } from './use.ts';

/** The two ways of finding out whether somebody is in between. */
export function Codes(): JSX.Element | null {
  const { say } = usePage();
  const encryption = useEncryption();
  if (encryption?.phase !== 'in') return null;
  return (
    <section class="stack stack--tight" data-testid="codes">
      <h3 class="section-title">{say('code.title')}</h3>
      <Short code={encryption.shortCode} />
      <Long code={encryption.longCode} />
    </section>
  );
}

function Short({ code }: { readonly code: ShortCode | undefined }): JSX.Element {
  const { session, say } = usePage();
  const start = (): void => {
    // Three that failed are said to people once; whoever goes on has read it.
    if (code?.phase === 'notNow' && code.why === 'disturbed') session.meeting({ type: 'tryAgain' });
    session.meeting({ type: 'shortCode' });
  };
  const again = code?.phase === 'failed' || code?.phase === 'notNow';
  return (
    <Card title={say('code.short')}>
      <p class="small">{say('code.short.text')}</p>
      <div role="status" class="stack stack--tight" data-testid="short-code" data-phase={code?.phase ?? ''}>
        <ShortState code={code} />
      </div>
      {code?.phase !== 'running' && code?.phase !== 'done' && (
        <div><button type="button" class="button" onClick={start} data-testid="short-start"><Icon name="digits" /> {say(again ? 'code.again' : 'code.short.start')}</button></div>
      )}
    </Card>
  );
}

function ShortState({ code }: { readonly code: ShortCode | undefined }): JSX.Element | null {
  const { say } = usePage();
  switch (code?.phase) {
    case undefined:
      return null;
    case 'running':
      return <><p class="small">{say('code.short.running')}</p><div class="progress" aria-hidden="true" /></>;
    case 'failed':
      return <Note tone="caution" icon="warning">{say(`code.failed.${code.why}`)}</Note>;
    case 'notNow':
      return <Note tone={code.why === 'disturbed' ? 'alert' : 'plain'} icon={code.why === 'disturbed' ? 'warning' : 'info'}>{say(`code.notNow.${code.why}`)}</Note>;
    case 'done':
      return (
        <>
          <p>{say('code.short.read')}</p>
          <p class="digits" data-testid="digits">{`${code.code.slice(0, 4)} ${code.code.slice(4)}`}</p>
          <Verdict />
          <p class="field-hint">{say('code.short.voices')}</p>
        </>
      );
  }
}

/** What people found. */
function Verdict(): JSX.Element {
  const { session, say } = usePage();
  const tell = (match: boolean) => (): void => session.meeting({ type: 'codesMatch', match });
  return (
    <div class="actions">
      <button type="button" class="button button--primary" onClick={tell(true)} data-testid="codes-match"><Icon name="check" /> {say('code.match')}</button>
      <button type="button" class="button button--quiet-danger" onClick={tell(false)} data-testid="codes-differ">{say('code.differ')}</button>
    </div>
  );
}

function Long({ code }: { readonly code: { readonly epoch: bigint; readonly code: string } | undefined }): JSX.Element {
  const { session, say } = usePage();
  const [copy, setCopy] = useState<'ready' | 'copied' | 'failed'>('ready');
  const copyCode = (): void => {
    if (code !== undefined) navigator.clipboard.writeText(`#${code.epoch} ${code.code}`).then(() => setCopy('copied'), () => setCopy('failed'));
  };
  return (
    <Card title={say('code.long')}>
      <p class="small">{say('code.long.text')}</p>
      {code === undefined
        ? <div><button type="button" class="button" onClick={() => { setCopy('ready'); session.meeting({ type: 'longCode' }); }} data-testid="long-show"><Icon name="digits" /> {say('code.long.show')}</button></div>
        : (
          <>
            <p class="small">{say('code.long.epoch', { epoch: String(code.epoch) })}</p>
            <p class="digits digits--long" data-testid="long-code">{code.code}</p>
            <div class="actions">
              <button type="button" class="button" onClick={copyCode} data-testid="copy-code"><Icon name={copy === 'copied' ? 'check' : 'copy'} /> {say(copy === 'copied' ? 'code.copied' : 'code.copy')}</button>
            </div>
            <p class="field-fault" role="status">{copy === 'failed' ? say('code.copy.failed') : ''}</p>
            <Verdict />
          </>
        )}
    </Card>
  );
}

function Card({ title, children }: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  return <article class="grant stack stack--tight"><h4 class="grant-title">{title}</h4>{children}</article>;
}

import type { JSX } from 'preact';
import type { GrantCard } from '../../e2ee/meeting/events.ts';
import type { Allowed } from '../../e2ee/meeting/room_state.ts';
import { usePage } from '../context.tsx';
import { Icon } from '../icon.tsx';
import { clock, hears, lineName, nameOr, staysPrivate } from './phrases.ts';
import { useEncryption, useFingerprint, useSpeech, useSystemName } from './use.ts';

/** Every telephone system that holds keys, and the button that ends it, which is everybody's. */
export function Listeners(): JSX.Element | null {
  const { say } = usePage();
  const encryption = useEncryption();
  const grants = encryption?.policy?.grants ?? [];
  if (grants.length === 0) return null;
  const allowed = new Map(encryption?.state?.says.flatMap((saying) =>
    saying.key === 'e2ee.audioOpen' || saying.key === 'e2ee.mediaOpen' ? [[saying.listener.n, saying.listener.allowed] as const] : []));
  return (
    <section class="stack stack--tight" data-testid="listeners">
      <h3 class="section-title">{say('panel.listeners')}</h3>
      {grants.map((grant) => <Listener key={grant.n} grant={grant} allowed={allowed.get(grant.n)} />)}
    </section>
  );
}

function Listener({ grant, allowed }: { readonly grant: GrantCard; readonly allowed: Allowed | undefined }): JSX.Element {
  const { session, say } = usePage();
  const speech = useSpeech();
  const system = useSystemName();
  const fingerprint = useFingerprint('gateway', grant.gateway);
  return (
    <article class="grant stack stack--tight" data-testid="grant" data-grant={grant.n}>
      <h4 class="grant-title"><Icon name="phone" /> {system(grant.gateway)}</h4>
      <dl class="facts">
        <dt>{say('panel.hears')}</dt><dd>{hears(speech, grant.scope)}</dd>
        <dt>{say('panel.private')}</dt><dd>{staysPrivate(speech, grant.scope)}</dd>
        <dt>{say('panel.lines')}</dt><dd><ul class="legs">{grant.legs.map((leg) => <li key={leg.no}>{lineName(speech, leg)}</li>)}</ul></dd>
        <dt>{say('panel.letIn')}</dt>
        <dd>{allowed === undefined ? say('panel.letIn.unknown') : say('panel.letIn.by', { name: nameOr(speech, allowed.by), time: clock(speech, allowed.at) })}</dd>
        <dt>{say('panel.until')}</dt><dd>{clock(speech, grant.notAfter)}</dd>
        <dt>{say('panel.fingerprint')}</dt><dd class="fingerprint">{fingerprint}</dd>
      </dl>
      <div><button type="button" class="button button--danger" onClick={() => session.meeting({ type: 'revoke', n: grant.n })} data-testid="revoke">{say('panel.revoke')}</button></div>
      <p class="field-hint">{say('panel.revoke.hint')}</p>
    </article>
  );
}

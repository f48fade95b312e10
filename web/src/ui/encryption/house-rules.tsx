import type { JSX } from 'preact';
import { kinds as allKinds, mediumOf, type Kind } from '../../e2ee/frame/kind.ts';
import type { MeetingPolicy } from '../../e2ee/meeting/events.ts';
import { modes, type Mode } from '../../e2ee/policy/charter.ts';
import { vetoRules, type VetoRule } from '../../e2ee/policy/room.ts';
import { usePage, useSelect } from '../context.tsx';
import { Select } from '../field.tsx';
import { Icon } from '../icon.tsx';
import { useEncryption } from './use.ts';

const sound: readonly Kind[] = allKinds.filter((kind) => mediumOf(kind) === 'audio');

/** What this meeting has agreed on; hosts change it. Once locked, only to something stricter. */
export function HouseRules(): JSX.Element | null {
  const { say } = usePage();
  const policy = useEncryption()?.policy;
  const host = useSelect((s) => s.role === 'host');
  if (policy === undefined) return null;
  return (
    <section class="stack stack--tight" data-testid="house-rules">
      <h3 class="section-title">{say('panel.settings')}</h3>
      {host ? <Change policy={policy} /> : <Read policy={policy} />}
      {policy.floor === 'sealed' && <p class="small">{say('panel.floor')}</p>}
      {policy.locked && <p class="small"><Icon name="lock" size={16} /> {say('panel.locked')}</p>}
    </section>
  );
}

/** pictures says whether a policy lets telephone systems have more than sound. */
function pictures({ maxScope }: MeetingPolicy): 'audio' | 'all' {
  return maxScope.some((kind) => mediumOf(kind) === 'video') ? 'all' : 'audio';
}

function Read({ policy }: { readonly policy: MeetingPolicy }): JSX.Element {
  const { say } = usePage();
  return (
    <dl class="facts facts--stacked">
      <dt>{say('panel.mode')}</dt><dd>{say(`panel.mode.${policy.mode}`)}</dd>
      {policy.mode === 'mixed' && (
        <>
          <dt>{say('panel.maxScope')}</dt><dd>{say(`panel.maxScope.${pictures(policy)}`)}</dd>
          <dt>{say('panel.vetoRule')}</dt><dd>{say(`panel.vetoRule.${policy.vetoRule}`)}</dd>
        </>
      )}
    </dl>
  );
}

function Change({ policy }: { readonly policy: MeetingPolicy }): JSX.Element {
  const { session, say } = usePage();
  const { mode, locked, floor, vetoRule } = policy;
  const scope = pictures(policy);
  const stricter = <T,>(fromStrict: readonly T[], now: T): readonly T[] => (locked ? fromStrict.slice(0, fromStrict.indexOf(now) + 1) : fromStrict);
  const modeChoices = stricter<Mode>(modes, mode).filter((m) => floor !== 'sealed' || m === 'sealed');
  const scopeChoices = stricter(['audio', 'all'] as const, scope);
  const ruleChoices = stricter<VetoRule>([...vetoRules].reverse(), vetoRule);
  return (
    <div class="stack stack--tight">
      <Select
        id="policy-mode" label={say('panel.mode')} value={mode} choices={modeChoices.map((id) => ({ id, label: say(`panel.mode.${id}`) }))}
        change={(id) => session.meeting({ type: 'mode', mode: modes.find((m) => m === id) ?? 'sealed' })}
      />
      {mode === 'mixed' && (
        <>
          <Select
            id="policy-scope" label={say('panel.maxScope')} value={scope} choices={scopeChoices.map((id) => ({ id, label: say(`panel.maxScope.${id}`) }))}
            change={(id) => session.meeting({ type: 'maxScope', scope: id === 'all' ? allKinds : sound })}
          />
          <Select
            id="policy-rule" label={say('panel.vetoRule')} value={vetoRule} choices={ruleChoices.map((id) => ({ id, label: say(`panel.vetoRule.${id}`) }))}
            change={(id) => session.meeting({ type: 'vetoRule', rule: vetoRules.find((rule) => rule === id) ?? 'all' })}
          />
        </>
      )}
      {!locked && (
        <div class="stack stack--tight">
          <div><button type="button" class="button" onClick={() => session.meeting({ type: 'lock' })} data-testid="lock-settings"><Icon name="lock" /> {say('panel.lock')}</button></div>
          <p class="field-hint">{say('panel.lock.hint')}</p>
        </div>
      )}
    </div>
  );
}

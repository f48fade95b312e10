import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Meter } from '../media/meter.ts';
import { useSelect, usePage } from './context.tsx';

const steps = 12;
const readEveryMs = 80;

/** Shows how loud the own microphone is, as a row of bars. */
export function OwnLevel(): JSX.Element {
  const { session, say } = usePage();
  const revision = useSelect((s) => s.capture.revision);
  const on = useSelect((s) => s.capture.microphone === 'on' && !s.muted);
  const [lit, setLit] = useState(0);
  useEffect(() => {
    const track = session.own('microphone');
    setLit(0);
    if (!on || track === undefined) return undefined;
    const meter = new Meter(track);
    const timer = setInterval(() => setLit(Math.round(meter.read() * steps)), readEveryMs);
    return () => {
      clearInterval(timer);
      meter.stop();
    };
  }, [session, revision, on]);
  return (
    <div class="level" role="meter" aria-label={say('device.level')} aria-valuemin={0} aria-valuemax={steps} aria-valuenow={lit} data-testid="own-level">
      {Array.from({ length: steps }, (_, i) => <span class={i < lit ? 'level-bar level-bar--lit' : 'level-bar'} />)}
    </div>
  );
}

/** talkingSteps is how many of three bars a level lights: -dBov, 127 is silence. */
export function talkingSteps(level: number | undefined): number {
  if (level === undefined || level > 60) return 0;
  if (level > 42) return 1;
  return level > 27 ? 2 : 3;
}

/** Shows how loud somebody in the room is. */
export function TalkingLevel({ participant }: { readonly participant: string }): JSX.Element {
  const { say } = usePage();
  const lit = useSelect((s) => talkingSteps(s.levels.get(participant)));
  return (
    <span class="talking" role="img" aria-label={say(lit > 0 ? 'person.talking' : 'person.quiet')} data-testid="talking" data-steps={lit}>
      {[1, 2, 3].map((step) => <span class={step <= lit ? 'talking-bar talking-bar--lit' : 'talking-bar'} />)}
    </span>
  );
}

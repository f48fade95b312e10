import type { JSX } from 'preact';
import type { DeviceChoice } from '../session/state.ts';
import { Icon, type IconName } from './icon.tsx';

interface SelectProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly choices: readonly DeviceChoice[];
  readonly change: (value: string) => void;
}

/** A labelled choice of one. */
export function Select({ id, label, value, choices, change }: SelectProps): JSX.Element {
  return (
    <div class="field">
      <label class="field-label" for={id}>{label}</label>
      <div class="select">
        <select id={id} data-testid={id} value={value} onChange={(e) => change(e.currentTarget.value)} disabled={choices.length === 0}>
          {choices.map((c) => <option key={c.id} value={c.id} selected={c.id === value}>{c.label}</option>)}
        </select>
      </div>
    </div>
  );
}

interface CheckProps {
  readonly id: string;
  readonly label: string;
  readonly checked: boolean;
  readonly change: (checked: boolean) => void;
}

export function Check({ id, label, checked, change }: CheckProps): JSX.Element {
  return (
    <label class="check" for={id}>
      <input id={id} data-testid={id} type="checkbox" checked={checked} onChange={(e) => change(e.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

interface NoteProps {
  readonly tone: 'plain' | 'caution' | 'alert';
  readonly icon: IconName;
  readonly children: preact.ComponentChildren;
  readonly testid?: string;
}

/** A framed remark: its tone is told by icon and words too, never by colour alone. */
export function Note({ tone, icon, children, testid }: NoteProps): JSX.Element {
  return (
    <div class={`note note--${tone}`} data-testid={testid}>
      <Icon name={icon} />
      <div class="note-text">{children}</div>
    </div>
  );
}

import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { Icon } from '../icon.tsx';

interface DialogProps {
  readonly title: string;
  /** Absent where only the buttons inside end it: Escape does nothing then. */
  readonly close?: () => void;
  /** Without the cross: the buttons inside are the ways out, and Escape is one of them where close says so. */
  readonly bare?: boolean;
  readonly children: ComponentChildren;
  readonly testid: string;
  /** A panel fills a phone's screen; a dialog stands in the middle. */
  readonly panel?: boolean;
}

/** A modal dialog: the browser's own, so that focus stays inside, Escape closes it and focus returns where it was. */
export function Dialog({ title, close, bare = false, children, testid, panel = false }: DialogProps): JSX.Element {
  const { say } = usePage();
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element} class={panel ? 'dialog dialog--panel' : 'dialog'} aria-labelledby={id} data-testid={testid}
      onCancel={(e) => { e.preventDefault(); close?.(); }}
      onClick={(e) => { if (e.target === element.current) close?.(); }}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={id}>{title}</h2>
          {close !== undefined && !bare && <button type="button" class="icon-button" aria-label={say('close')} title={say('close')} onClick={close} data-testid="close"><Icon name="close" /></button>}
        </div>
        {children}
      </div>
    </dialog>
  );
}

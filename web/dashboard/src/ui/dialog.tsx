// Questions that must be answered before the page goes on. The browser's own dialog keeps the keyboard inside,
// closes on Escape, and gives the focus back.
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Action } from './hooks.ts';
import { Button, Failure, Field } from './elements.tsx';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the browser sees an autofocus in it, so that the focus goes back to where it was.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={id} onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => { if (event.target === element.current) onClose(); }}>
      <div class="dialog">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface FormDialogProps {
  title: string;
  submit: string;
  kind?: 'primary' | 'danger';
  isReady?: boolean;
  action: Action<[]>;
  onClose: () => void;
  children?: ComponentChildren;
}

export function FormDialog({ title, submit, kind = 'primary', isReady = true, action, onClose, children }: FormDialogProps) {
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    if (isReady) action.run();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        {children}
        <Failure error={action.error} />
        <div class="actions end">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind={kind} disabled={!isReady} isBusy={action.isBusy}>{submit}</Button>
        </div>
      </form>
    </Dialog>
  );
}

interface ConfirmProps {
  title: string;
  submit: string;
  word: string; // to be typed before it can be done
  action: Action<[]>;
  onClose: () => void;
  children: ComponentChildren;
}

// For what cannot be undone.
export function ConfirmByTyping({ word, children, ...rest }: ConfirmProps) {
  const [typed, setTyped] = useState('');
  return (
    <FormDialog {...rest} kind="danger" isReady={typed === word}>
      <div class="prose">{children}</div>
      <Field label={`Type ${word} to confirm`} value={typed} onInput={setTyped} isCode input={{ autocomplete: 'off', spellcheck: false }} />
    </FormDialog>
  );
}

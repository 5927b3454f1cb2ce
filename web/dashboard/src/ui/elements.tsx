// The parts that all pages are made of.
import type { ComponentChildren, InputHTMLAttributes, RefObject } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { CallError } from '../api/connect.ts';

type ButtonKind = 'primary' | 'plain' | 'danger' | 'quiet' | 'quiet danger';

interface ButtonProps {
  kind?: ButtonKind;
  type?: 'button' | 'submit';
  isBusy?: boolean;
  disabled?: boolean;
  onClick?: () => void;
  label?: string; // where the text alone does not say it
  children: ComponentChildren;
}

export const Button = ({ kind = 'plain', type = 'button', isBusy = false, disabled = false, onClick, label, children }: ButtonProps) => (
  <button type={type} class={`button ${kind}`} disabled={disabled} aria-busy={isBusy || undefined} aria-label={label} onClick={() => onClick?.()}>
    {children}
  </button>
);

interface InputAttributes {
  autocomplete?: string;
  autofocus?: boolean;
  inputMode?: 'numeric' | 'decimal' | 'url';
  name?: string;
  placeholder?: string;
  required?: boolean;
  spellcheck?: boolean;
}

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  problem?: string | undefined;
  value: string;
  onInput: (value: string) => void;
  onChange?: (value: string) => void; // once it is entered
  onBlur?: () => void;
  suggestions?: string[];
  type?: 'text' | 'email' | 'password' | 'date';
  rows?: number; // more than one: a text area
  unit?: string;
  isCode?: boolean;
  input?: InputAttributes;
}

export function Field({ label, hint, problem, value, onInput, onChange, onBlur, suggestions, type = 'text', rows = 1, unit, isCode = false, input = {} }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ') || undefined;
  const common = {
    id,
    value,
    class: isCode ? 'code' : undefined,
    'aria-describedby': described,
    'aria-invalid': problem ? true : undefined,
    onInput: (event: Event) => onInput((event.currentTarget as HTMLInputElement).value),
    onChange: (event: Event) => onChange?.((event.currentTarget as HTMLInputElement).value),
    onBlur: () => onBlur?.(),
  };
  const list = suggestions && `${id}-list`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="control">
        {rows > 1 ? <textarea {...common} rows={rows} spellcheck={false} /> : <input {...{ ...common, type, list, ...input } as InputHTMLAttributes<HTMLInputElement>} />}
        {suggestions && <datalist id={list}>{suggestions.map((text) => <option key={text} value={text} />)}</datalist>}
        {unit && <span class="unit">{unit}</span>}
      </div>
      {problem && <p class="problem" id={`${id}-problem`}>{problem}</p>}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

interface SwitchProps {
  label: string;
  hint?: ComponentChildren;
  isOn: boolean;
  disabled?: boolean;
  onChange: (isOn: boolean) => void;
}

export function Switch({ label, hint, isOn, disabled = false, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div class="switch">
      <input id={id} type="checkbox" role="switch" checked={isOn} disabled={disabled} aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)} />
      <div>
        <label for={id}>{label}</label>
        {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      </div>
    </div>
  );
}

interface SelectProps {
  label: string;
  value: string;
  options: [value: string, title: string][];
  onChange: (value: string) => void;
}

export function Select({ label, value, options, onChange }: SelectProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([key, title]) => <option key={key} value={key}>{title}</option>)}
      </select>
    </div>
  );
}

interface SegmentsProps<Value extends string> {
  label: string;
  value: Value;
  options: [value: Value, title: string][];
  onChange: (value: Value) => void;
}

// One of a few, all in sight.
export function Segments<Value extends string>({ label, value, options, onChange }: SegmentsProps<Value>) {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class="unseen">{label}</legend>
      {options.map(([key, title]) => (
        <label key={key}>
          <input type="radio" name={name} checked={key === value} onChange={() => onChange(key)} />
          <span>{title}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface StepperProps {
  unit: string; // what one step is
  hasBefore?: boolean;
  hasAfter: boolean;
  onStep: (count: -1 | 1) => void;
  children: ComponentChildren; // which is shown
}

// A time, and the ones beside it.
export const Stepper = ({ unit, hasBefore = true, hasAfter, onStep, children }: StepperProps) => (
  <div class="stepper">
    <Button kind="quiet" label={`The ${unit} before`} disabled={!hasBefore} onClick={() => onStep(-1)}>←</Button>
    <strong aria-live="polite">{children}</strong>
    <Button kind="quiet" label={`The ${unit} after`} disabled={!hasAfter} onClick={() => onStep(1)}>→</Button>
  </div>
);

export type Tone = 'info' | 'good' | 'warning' | 'bad';

interface NoticeProps {
  tone?: Tone;
  title?: string;
  isAlert?: boolean; // told to screen readers at once
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export const Notice = ({ tone = 'info', title, isAlert = false, actions, children }: NoticeProps) => (
  <div class={`notice ${tone}`} role={isAlert ? 'alert' : undefined}>
    <div>
      {title && <p class="title">{title}</p>}
      <div class="text">{children}</div>
    </div>
    {actions && <div class="actions">{actions}</div>}
  </div>
);

export const Failure = ({ error }: { error: CallError | undefined }) =>
  (error ? <Notice tone="bad" isAlert>{sentence(error.message)}</Notice> : null);

// The server's messages begin small and end without a stop.
export const sentence = (text: string): string => {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
};

export const Tag = ({ tone = 'info', children }: { tone?: Tone; children: ComponentChildren }) => <span class={`tag ${tone}`}>{children}</span>;

interface PanelProps {
  title: string;
  description?: ComponentChildren;
  actions?: ComponentChildren;
  children?: ComponentChildren;
}

export const Panel = ({ title, description, actions, children }: PanelProps) => (
  <section class="panel">
    <header>
      <div>
        <h2>{title}</h2>
        {description && <p class="description">{description}</p>}
      </div>
      {actions && <div class="actions">{actions}</div>}
    </header>
    {children}
  </section>
);

export const Empty = ({ title, children, action }: { title: string; children: ComponentChildren; action?: ComponentChildren }) => (
  <div class="empty">
    <svg viewBox="0 0 64 40" aria-hidden="true"><path d="M2 38h60M8 38V28h8v10M24 38V20h8v18M40 38V10h8v28" /></svg>
    <p class="title">{title}</p>
    <p>{children}</p>
    {action}
  </div>
);

// What stands where something is on its way. `lines` about as high as what comes.
export const Loading = ({ lines = 3, what = 'Loading' }: { lines?: number; what?: string }) => (
  <div class="loading" role="status">
    <span class="unseen">{what}…</span>
    {Array.from({ length: lines }, (_, index) => <span class="bone" key={index} />)}
  </div>
);

interface LoadErrorProps {
  error: CallError;
  retry: () => void;
  what: string;
  wayOut?: ComponentChildren; // where it is not there at all
}

export function LoadError({ error, retry, what, wayOut }: LoadErrorProps) {
  const isGone = error.code === 'not_found';
  return (
    <div class="empty bad" role="alert">
      <p class="title">{isGone ? `There is no such ${what}.` : `Cannot show the ${what}.`}</p>
      <p>{isGone ? 'The address may be misspelt, or it was deleted.' : sentence(error.message)}</p>
      {isGone ? wayOut : <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

interface CopyButtonProps {
  text: string;
  label?: string;
  shownIn?: RefObject<HTMLElement | null> | undefined; // where all of the text stands anyway
}

export function CopyButton({ text, label = 'Copy', shownIn }: CopyButtonProps) {
  const [isDone, setDone] = useState(false);
  const [refusals, setRefusals] = useState(0); // since it last was allowed
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      setRefusals((count) => count + 1);
      return;
    }
    setRefusals(0);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  // Told where the button is: a dialog silences what stands outside it.
  return (
    <>
      <span class="unseen" role="status">{isDone && 'Copied.'}</span>
      <Button kind="quiet" onClick={() => void copy()} label={label}>{isDone ? 'Copied' : 'Copy'}</Button>
      {refusals > 0 && <ByHand text={text} shownIn={shownIn} key={refusals} />}
    </>
  );
}

// The text that the browser would not copy, marked: where it stands, or in a field of its own.
function ByHand({ text, shownIn }: Omit<CopyButtonProps, 'label'>) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    (shownIn ?? field).current?.focus();
    if (shownIn?.current) getSelection()?.selectAllChildren(shownIn.current);
    else field.current?.select();
  }, []);
  return (
    <div class="by-hand">
      <p role="alert">The browser did not allow copying. The text is marked: copy it by hand.</p>
      {!shownIn && <input class="code" ref={field} readOnly value={text} aria-label="The text" />}
    </div>
  );
}

export function Snippet({ code, label }: { code: string; label: string }) {
  const shown = useRef<HTMLPreElement>(null);
  return (
    <div class="snippet">
      <pre tabIndex={0} role="region" aria-label={label} ref={shown}><code>{code}</code></pre>
      <CopyButton text={code} label={`Copy: ${label}`} shownIn={shown} key={code} />
    </div>
  );
}

// An ID, which is often an address: it may be broken after each of its parts, before it is within one.
export const Id = ({ id }: { id: string }) => <>{id.split(/(?<=[/?&#])(?=[^/?&#])/).map((part, index) => [index > 0 && <wbr />, part])}</>;

export const Figure = ({ label, value, kind = '', note }: { label: string; value: ComponentChildren; kind?: 'here' | 'hits' | ''; note?: ComponentChildren }) => (
  <div class={`figure ${kind}`}>
    <p class="label">{label}</p>
    <p class="value">{value}</p>
    {note && <p class="note">{note}</p>}
  </div>
);

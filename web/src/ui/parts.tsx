// The small parts that every page is made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../api';
import { navigate } from '../router';
import type { Label } from '../types';
import { Icon, type IconName } from './icon';
import type { Resource } from '../resource';

const LABEL_HELP: Record<Label, string> = {
    measured: 'Counted from the activity that came in from your CRM',
    simulated: 'Made by the simulator of the demo: not real people, not real results',
    projection: 'Computed ahead by the model: not yet seen',
    target: 'A goal that somebody set: not a result',
};

/** Every figure stands beside one of these. */
export function LabelBadge({ label }: { label: Label }) {
    return (
        <span class={`badge ${label}`} title={LABEL_HELP[label]}>
            {label}
        </span>
    );
}

/** What a prediction is called: made from simulated data it stays simulated. */
export const predictionLabel = (label: Label): Label => (label === 'simulated' ? 'simulated' : 'projection');
export const targetLabel = (label: Label): Label => (label === 'simulated' ? 'simulated' : 'target');

interface CardProps {
    title: string;
    children: ComponentChildren;
    aside?: ComponentChildren;
    flush?: boolean;
    class?: string;
}

export function Card({ title, children, aside, flush, class: cls }: CardProps) {
    const id = useId();
    return (
        <section class={`card ${flush ? 'flush' : ''} ${cls ?? ''}`} aria-labelledby={id}>
            <header>
                <h2 id={id}>{title}</h2>
                {aside}
            </header>
            <div class="body">{children}</div>
        </section>
    );
}

/** The one <h1> of a page. It takes the focus after a change of page, so that a screen reader starts there. */
export function PageHead({ title, sub, children }: { title: string; sub?: ComponentChildren; children?: ComponentChildren }) {
    return (
        <div class="page-head">
            <div class="titles">
                <PageTitle title={title} />
                {sub && <p>{sub}</p>}
            </div>
            {children}
        </div>
    );
}

let titled: string | null = null; // the path that the last title stood for

export function PageTitle({ title }: { title: string }) {
    const ref = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        document.title = `${title} \u00b7 EnterpriseHub`;
    }, [title]);
    // Before the paint: later it would take the focus from where a fast user has moved it. A second title of the same page,
    // which came with the data, takes the focus only if it went away with the first.
    useLayoutEffect(() => {
        const before = titled;
        titled = location.pathname;
        if (before === null) return;
        if (before === titled && document.activeElement && document.activeElement !== document.body) return;
        ref.current?.focus({ preventScroll: true });
        scrollTo(0, 0);
    }, []);
    return (
        <h1 ref={ref} tabIndex={-1}>
            {title}
        </h1>
    );
}

export function Avatar({ name, big }: { name: string; big?: boolean }) {
    const parts = name.split(/\s+/);
    const text = ((parts[0]?.[0] ?? '') + (parts.length > 1 ? (parts[parts.length - 1]?.[0] ?? '') : '')).toUpperCase();
    return (
        <span class={`avatar ${big ? 'big' : ''}`} aria-hidden="true">
            {text}
        </span>
    );
}

/** A share as a thin bar. The number always stands beside it. */
export function Meter({ value }: { value: number }) {
    const v = Math.max(0, Math.min(1, value));
    const level = v < 0.3 ? 'low' : v < 0.5 ? 'mid' : '';
    return (
        <svg class={`meter ${level}`} height="6" aria-hidden="true" focusable="false">
            <rect width={`${(v * 100).toFixed(1)}%`} height="6" rx="3" />
        </svg>
    );
}

export function Skeleton({ rows = 4 }: { rows?: number }) {
    return (
        <div class="skeleton" role="status">
            <span class="sr-only">Loading</span>
            {Array.from({ length: rows }, (_, i) => (
                <i key={i} aria-hidden="true" />
            ))}
        </div>
    );
}

export function Empty({ title, text, icon = 'empty', children }: { title: string; text?: string; icon?: IconName; children?: ComponentChildren }) {
    return (
        <div class="state small-state">
            <Icon name={icon} size={30} />
            <p class="strong">{title}</p>
            {text && <p>{text}</p>}
            {children}
        </div>
    );
}

interface ErrorWords {
    icon: IconName;
    title: string;
    text: string;
    retry: boolean;
}

function errorWords(e: ApiError): ErrorWords {
    switch (e.status) {
        case 0:
            return { icon: 'plug', title: e.title, text: e.detail, retry: true };
        case 403:
            return { icon: 'lock', title: 'This page is not for your role', text: e.detail || 'Ask your administrator if you need it.', retry: false };
        case 404:
            return { icon: 'empty', title: 'Nothing here', text: 'It does not exist, or it belongs to another office.', retry: false };
        case 429:
            return { icon: 'clock', title: 'Too many requests', text: 'The server asks for a short pause.', retry: true };
        case 503:
            return { icon: 'clock', title: 'The server is busy', text: e.detail || 'It will be back in a moment.', retry: true };
        default:
            return { icon: 'warn', title: e.title || 'Something went wrong', text: e.detail || `The server answered ${e.status}.`, retry: true };
    }
}

const RETRY_DEFAULT_S = 5;

/** A failure, designed: what happened, what to do, and a retry that counts down where waiting helps. */
export function ErrorState({ error, retry }: { error: ApiError; retry: () => void }) {
    const w = errorWords(error);
    const waits = w.retry && (error.status === 0 || error.status === 429 || error.status === 503);
    const [left, setLeft] = useState(waits ? Math.min(60, error.retryAfterS ?? RETRY_DEFAULT_S) : -1);
    useEffect(() => {
        if (left < 0) return;
        const t = setTimeout(() => (left <= 1 ? (setLeft(-1), retry()) : setLeft(left - 1)), 1000);
        return () => clearTimeout(t);
    }, [left]);
    return (
        <div class="state" role="alert">
            <Icon name={w.icon} size={36} />
            <h2>{w.title}</h2>
            <p>{w.text}</p>
            {left > 0 && (
                <p class="small muted" aria-hidden="true">
                    Trying again in {left} s
                </p>
            )}
            <div class="row">
                {w.retry && (
                    <button type="button" class="btn primary" onClick={retry}>
                        Try again
                    </button>
                )}
                {error.status === 404 || error.status === 403 ? (
                    <button type="button" class="btn" onClick={() => navigate('/')}>
                        Go to the start page
                    </button>
                ) : null}
            </div>
        </div>
    );
}

/** Shows a resource: skeleton, error, or what it holds (with a notice when a later reload failed). */
export function Show<T>({ of, children, rows }: { of: Resource<T>; children: (data: T) => ComponentChildren; rows?: number }) {
    if (of.data === null) return of.error ? <ErrorState key={String(of.error.status)} error={of.error} retry={of.reload} /> : <Skeleton rows={rows ?? 4} />;
    return (
        <>
            {of.error && (
                <div class="notice bad" role="alert">
                    <Icon name="warn" />
                    <span>What you see may be old: {of.error.message.toLowerCase()}</span>
                    <button type="button" class="btn" onClick={of.reload}>
                        Try again
                    </button>
                </div>
            )}
            {children(of.data)}
        </>
    );
}

/** A list whose older part is folded away. */
export function Folded<T>({ items, first, more, children }: { items: T[]; first: number; more: string; children: (item: T) => ComponentChildren }) {
    const rest = items.slice(first);
    return (
        <>
            <ul>{items.slice(0, first).map(children)}</ul>
            {rest.length > 0 && (
                <details class="more">
                    <summary>
                        {more} ({rest.length})
                    </summary>
                    <ul>{rest.map(children)}</ul>
                </details>
            )}
        </>
    );
}

// Short messages at the edge of the page, read out by screen readers.
interface ToastItem {
    id: number;
    text: string;
    bad: boolean;
}
const TOAST_MS = 6_000;
let toastId = 0;
let showToast: (t: ToastItem) => void = () => {};

export function toast(text: string, bad = false): void {
    showToast({ id: ++toastId, text, bad });
}

export function Toasts() {
    const [items, setItems] = useState<ToastItem[]>([]);
    useEffect(() => {
        showToast = (t) => {
            setItems((old) => [...old.slice(-2), t]);
            setTimeout(() => setItems((old) => old.filter((x) => x.id !== t.id)), TOAST_MS);
        };
    }, []);
    return (
        <div class="toasts" role="status" aria-live="polite">
            {items.map((t) => (
                <div key={t.id} class={`toast ${t.bad ? 'bad' : ''}`}>
                    <Icon name={t.bad ? 'warn' : 'check'} />
                    {t.text}
                </div>
            ))}
        </div>
    );
}

/** A modal dialog. The browser keeps the focus inside, closes it on Escape and gives the focus back. */
export function Modal({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
    const ref = useRef<HTMLDialogElement>(null);
    const id = useId();
    // A layout effect, because the clean-up of the other kind runs after the paint: it would take the focus back from
    // wherever the next keys have moved it.
    useLayoutEffect(() => {
        const d = ref.current;
        const before = document.activeElement as HTMLElement | null;
        d?.showModal();
        d?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
        return () => {
            d?.close();
            if (before?.isConnected) before.focus({ preventScroll: true });
        };
    }, []);
    return (
        <dialog
            ref={ref}
            class="modal"
            aria-labelledby={id}
            onCancel={(e) => {
                e.preventDefault();
                onClose();
            }}
            onClick={(e) => {
                if (e.target === ref.current) onClose();
            }}
        >
            <div>
                <h2 id={id}>{title}</h2>
                {children}
            </div>
        </dialog>
    );
}

interface FieldProps {
    label: string;
    hint?: string | undefined;
    wrong?: string | null | undefined;
    children: (a: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }) => ComponentChildren;
}

export function Field({ label, hint, wrong, children }: FieldProps) {
    const id = useId();
    const about = hint || wrong ? `${id}-d` : undefined;
    return (
        <div class="field">
            <label for={id}>{label}</label>
            {children({ id, ...(about ? { 'aria-describedby': about } : {}), ...(wrong ? { 'aria-invalid': true } : {}) })}
            {about && (
                <span id={about}>
                    {hint && <span class="hint">{hint}</span>}
                    {wrong && (
                        <span class="wrong" role="alert">
                            {wrong}
                        </span>
                    )}
                </span>
            )}
        </div>
    );
}

/** Runs a change once at a time, and says in words what went wrong. */
export function useAction(): { busy: boolean; wrong: string | null; run: (f: () => Promise<void>) => void } {
    const [busy, setBusy] = useState(false);
    const [wrong, setWrong] = useState<string | null>(null);
    return {
        busy,
        wrong,
        run: (f) => {
            if (busy) return;
            setBusy(true);
            setWrong(null);
            f()
                .catch((e: Error) => setWrong(e.message))
                .finally(() => setBusy(false));
        },
    };
}

// Live updates: one EventSource for the whole console.
//
//     server --/v1/live--> EventSource --> liveOn('message', f)
//
// The browser resumes by itself after a dropped connection (Last-Event-ID). When the server refuses the stream, the browser
// gives up; then we come back after 2 s, 4 s ... 30 s, and tell the pages to ask again for what they show ('resync'). The
// server sends 'resync' itself when it cannot go on from where we were.
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { useLatest } from './latest';
import type { LiveEvents } from './types';

export type LiveState = 'off' | 'connecting' | 'open' | 'down';
type Handler = (data: never) => void;

const KINDS = ['prediction', 'intervention', 'message', 'session'] as const;
const RETRY_FIRST_MS = 2_000;
const RETRY_MAX_MS = 30_000;

let source: EventSource | null = null;
let state: LiveState = 'off';
let retryMs = RETRY_FIRST_MS;
let timer: ReturnType<typeof setTimeout> | undefined;
let hadGap = false;
const handlers = new Map<string, Set<Handler>>();
const watchers = new Set<(s: LiveState) => void>();

function setState(next: LiveState): void {
    state = next;
    for (const w of watchers) w(next);
}

function emit(kind: string, data: unknown): void {
    for (const h of handlers.get(kind) ?? []) (h as (d: unknown) => void)(data);
}

function opened(): void {
    retryMs = RETRY_FIRST_MS;
    setState('open');
    if (hadGap) emit('resync', null);
    hadGap = false;
}

function failed(): void {
    if (!source) return;
    if (source.readyState !== EventSource.CLOSED) {
        setState('connecting');
        return;
    }
    hadGap = true;
    setState('down');
    clearTimeout(timer);
    timer = setTimeout(connect, retryMs * (0.75 + Math.random() / 2));
    retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
}

function connect(): void {
    source?.close();
    setState('connecting');
    source = new EventSource('/v1/live');
    source.onopen = opened;
    source.onerror = failed;
    source.addEventListener('resync', () => emit('resync', null));
    for (const kind of KINDS) {
        source.addEventListener(kind, (e) => {
            try {
                emit(kind, JSON.parse((e as MessageEvent<string>).data));
            } catch {
                // One damaged event must not stop the stream.
            }
        });
    }
}

export function liveStart(): void {
    if (!source) connect();
}

export function liveStop(): void {
    clearTimeout(timer);
    source?.close();
    source = null;
    setState('off');
}

/** Runs f for every event of the kind while the component is shown; 'resync' means: events may have been missed. */
export function useLive<K extends keyof LiveEvents>(kind: K, f: (data: LiveEvents[K]) => void): void;
export function useLive(kind: 'resync', f: () => void): void;
export function useLive(kind: string, f: (data: never) => void): void {
    const handler = useLatest(f);
    useLayoutEffect(() => {
        const set = handlers.get(kind) ?? new Set<Handler>();
        handlers.set(kind, set);
        set.add(handler);
        return () => {
            set.delete(handler);
        };
    }, [kind]);
}

export function useLiveState(): LiveState {
    const [s, set] = useState(state);
    useEffect(() => {
        watchers.add(set);
        set(state);
        return () => {
            watchers.delete(set);
        };
    }, []);
    return s;
}

// useResource: one answer of the API on a page: loading, data, error; reload, and retry by itself when the server asks for it.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, api } from './api';

export interface Resource<T> {
    data: T | null;
    error: ApiError | null;
    loading: boolean;
    reload: () => void;
    set: (f: (old: T) => T) => void;
}

/** path null: nothing is asked for. Data of another path is never shown. */
export function useResource<T>(path: string | null, query?: Record<string, string | number | null | undefined>): Resource<T> {
    const key = path === null ? null : path + JSON.stringify(query ?? {});
    const [state, setState] = useState<{ key: string | null; data: T | null; error: ApiError | null; loading: boolean }>({
        key,
        data: null,
        error: null,
        loading: key !== null,
    });
    const [turn, setTurn] = useState(0);
    const latest = useRef(key);
    latest.current = key;

    useEffect(() => {
        if (path === null) return;
        const stop = new AbortController();
        setState((s) => ({ key, data: s.key === key ? s.data : null, error: null, loading: true }));
        api.get<T>(path, query, stop.signal).then(
            (data) => setState({ key, data, error: null, loading: false }),
            (e: unknown) => {
                if (stop.signal.aborted) return;
                const error = e instanceof ApiError ? e : new ApiError(0, 'The answer could not be read', String(e), null);
                setState((s) => ({ key, data: s.key === key ? s.data : null, error, loading: false }));
            },
        );
        return () => stop.abort();
    }, [key, turn]);

    const reload = useCallback(() => setTurn((n) => n + 1), []);
    const set = useCallback((f: (old: T) => T) => {
        setState((s) => (s.data === null ? s : { ...s, data: f(s.data) }));
    }, []);
    const mine = state.key === key;
    return {
        data: mine ? state.data : null,
        error: mine ? state.error : null,
        loading: mine ? state.loading : key !== null,
        reload,
        set,
    };
}

// Calls the HTTP API. Every failure becomes an ApiError, so that pages show one designed state for each kind.

export class ApiError extends Error {
    /** status 0: the server could not be reached. */
    constructor(
        readonly status: number,
        readonly title: string,
        readonly detail: string,
        readonly retryAfterS: number | null,
    ) {
        super(detail || title);
    }
}

let csrf = '';
let onExpired: () => void = () => {};

export function setCsrf(token: string): void {
    csrf = token;
}

/** Called when the server says that the session has ended. */
export function onSessionExpired(f: () => void): void {
    onExpired = f;
}

const REQUEST_TIMEOUT_MS = 30_000;

type Query = Record<string, string | number | null | undefined>;

function withQuery(path: string, query?: Query): string {
    const q = new URLSearchParams();
    for (const [k, v] of Object.entries(query ?? {})) if (v !== null && v !== undefined && v !== '') q.set(k, String(v));
    const text = q.toString();
    return text ? `${path}?${text}` : path;
}

async function toError(res: Response): Promise<ApiError> {
    let title = res.statusText || `HTTP ${res.status}`;
    let detail = '';
    try {
        const p = (await res.json()) as { title?: string; detail?: string };
        title = p.title ?? title;
        detail = p.detail ?? '';
    } catch {
        // A proxy may answer with something that is not JSON: the status is enough.
    }
    const after = Number(res.headers.get('Retry-After'));
    return new ApiError(res.status, title, detail, Number.isFinite(after) && after > 0 ? after : null);
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    let res: Response;
    try {
        res = await fetch(path, {
            method,
            headers,
            body: body === undefined ? null : JSON.stringify(body),
            credentials: 'same-origin',
            signal: signal && 'any' in AbortSignal ? AbortSignal.any([signal, timeout]) : timeout,
        });
    } catch (e) {
        if (signal?.aborted) throw e;
        throw new ApiError(0, 'The server cannot be reached', 'Check the connection. Nothing was lost.', null);
    }
    if (res.status === 401 && path !== '/v1/login') onExpired();
    if (!res.ok) throw await toError(res);
    if (res.status === 204) return undefined as T;
    return (await res.json()) as T;
}

export const api = {
    get: <T>(path: string, query?: Query, signal?: AbortSignal) => call<T>('GET', withQuery(path, query), undefined, signal),
    post: <T>(path: string, body: unknown = {}) => call<T>('POST', path, body),
    put: <T>(path: string, body: unknown) => call<T>('PUT', path, body),
    del: (path: string) => call<void>('DELETE', path),
};

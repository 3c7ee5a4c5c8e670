// Client-side routes: the path is the state. Links are real links; only a plain click stays in the page.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const CHANGE = 'ehub:navigate';

export function navigate(to: string, replace = false): void {
    if (to === location.pathname + location.search) return;
    if (replace) history.replaceState(null, '', to);
    else history.pushState(null, '', to);
    dispatchEvent(new Event(CHANGE));
}

export function usePath(): string {
    const [path, setPath] = useState(location.pathname);
    useEffect(() => {
        const update = () => setPath(location.pathname);
        addEventListener('popstate', update);
        addEventListener(CHANGE, update);
        update(); // it may have changed before we listened
        return () => {
            removeEventListener('popstate', update);
            removeEventListener(CHANGE, update);
        };
    }, []);
    return path;
}

/** A value kept in the query part of the address, so that a link leads to the same view. */
export function useQuery(name: string): [string, (v: string) => void] {
    const read = () => new URLSearchParams(location.search).get(name) ?? '';
    const [v, set] = useState(read);
    useEffect(() => {
        const update = () => set(read());
        addEventListener('popstate', update);
        addEventListener(CHANGE, update);
        update(); // it may have changed before we listened
        return () => {
            removeEventListener('popstate', update);
            removeEventListener(CHANGE, update);
        };
    }, []);
    return [
        v,
        (next) => {
            const q = new URLSearchParams(location.search);
            if (next) q.set(name, next);
            else q.delete(name);
            const text = q.toString();
            navigate(location.pathname + (text ? `?${text}` : ''), true);
        },
    ];
}

interface LinkProps {
    to: string;
    class?: string;
    'aria-current'?: 'page' | undefined;
    children?: ComponentChildren;
}

export function Link({ to, children, ...rest }: LinkProps) {
    return (
        <a
            {...rest}
            href={to}
            onClick={(e) => {
                if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
                e.preventDefault();
                navigate(to);
            }}
        >
            {children}
        </a>
    );
}

// useLatest: one function for the whole life of a component, which runs what the newest render passed.
//
// Preact runs effects, and their clean-ups after an unmount, only after the next paint. A handler that an effect registers anew
// after each render is therefore the old one for a while, with what it knew then: too late for keys and events that come fast.
import { useCallback, useRef } from 'preact/hooks';

export function useLatest<A extends unknown[]>(f: (...args: A) => void): (...args: A) => void {
    const latest = useRef(f);
    latest.current = f;
    return useCallback((...args: A) => latest.current(...args), []);
}

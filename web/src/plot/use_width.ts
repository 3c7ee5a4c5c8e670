import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** The width of an element in pixels, kept up to date. */
export function useWidth(first: number) {
    const ref = useRef<HTMLDivElement>(null);
    const [width, setWidth] = useState(first);
    useLayoutEffect(() => {
        const el = ref.current;
        if (!el) return;
        setWidth(Math.max(200, el.clientWidth));
        const ro = new ResizeObserver(() => setWidth(Math.max(200, el.clientWidth)));
        ro.observe(el);
        return () => ro.disconnect();
    }, []);
    return { ref, width };
}

// A long list shows its first rows; a button shows them all.
import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import * as fmt from '../format';

const FIRST = 20;
const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** In order of title, "Harbor 2" before "Harbor 10"; names outside English stay in their alphabet's order. */
export const inOrder = <T extends { title: string }>(items: T[]) => [...items].sort((a, b) => byName.compare(a.title, b.title));

export function useFirst<T>(items: T[]): { shown: T[]; button: ComponentChild } {
    const [all, setAll] = useState(false);
    const long = items.length > FIRST + FIRST / 2;
    const shown = long && !all ? items.slice(0, FIRST) : items;
    return {
        shown,
        button: long && (
            <div class="pager rows">
                <span class="small muted">
                    {fmt.int(shown.length)} of {fmt.int(items.length)} rows
                </span>
                <button type="button" class="btn quiet" aria-expanded={all} onClick={() => setAll(!all)}>
                    {all ? 'Show fewer' : 'Show all'}
                </button>
            </div>
        ),
    };
}

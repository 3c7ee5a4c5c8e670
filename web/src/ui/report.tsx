// What the pages of figures share: how a figure came about, tables as CSV, printing, and which office is asked about.
import { useMe } from '../session';
import type { Label } from '../types';
import { LabelBadge } from './parts';

type Cell = string | number | null | undefined;

/** A cell that a spreadsheet would take for a formula gets an apostrophe: names come from outside. */
const quote = (v: Cell) => `"${(typeof v === 'string' && /^[=+\-@\t\r]/.test(v) ? `'${v}` : String(v ?? '')).replace(/"/g, '""')}"`;

export function CsvLink({ name, head, rows }: { name: string; head: string[]; rows: Cell[][] }) {
    const text = [head, ...rows].map((r) => r.map(quote).join(',')).join('\r\n');
    return (
        <a class="btn small" href={`data:text/csv;charset=utf-8,${encodeURIComponent(text)}`} download={`${name}.csv`}>
            CSV<span class="sr-only">: {name}</span>
        </a>
    );
}

export function PrintButton({ text = 'Print' }: { text?: string }) {
    return (
        <button type="button" class="btn" onClick={() => print()}>
            {text}
        </button>
    );
}

export function OfficeSelect({ value, onChange }: { value: string; onChange: (id: string) => void }) {
    const { locations } = useMe();
    if (locations.length < 2) return null;
    return (
        <select class="select" aria-label="Office" value={value} onChange={(e) => onChange(e.currentTarget.value)}>
            <option value="">All offices</option>
            {locations.map((l) => (
                <option key={l.id} value={l.id}>
                    {l.name}
                </option>
            ))}
        </select>
    );
}

/** Every figure opens to its method, data window, sample, assumptions and label. */
export function About({ method, window, sample, assumes, label, open = false }: { method: string; window: string; sample: string; assumes: string[]; label: Label; open?: boolean }) {
    return (
        <details class="more about" open={open}>
            <summary>How this was computed</summary>
            <dl>
                <dt>Method</dt>
                <dd>{method}</dd>
                <dt>Data</dt>
                <dd>{window}</dd>
                <dt>Sample</dt>
                <dd>{sample}</dd>
                <dt>Assumes</dt>
                <dd>
                    <ul>
                        {assumes.map((a) => (
                            <li key={a}>{a}</li>
                        ))}
                    </ul>
                </dd>
                <dt>Label</dt>
                <dd>
                    <LabelBadge label={label} />
                </dd>
            </dl>
        </details>
    );
}

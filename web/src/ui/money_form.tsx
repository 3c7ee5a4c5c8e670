// The settings that returns are reckoned with: shown to everybody who sees returns, changed by those who may.
import { useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import type { Money } from '../types';
import { Card, Field, LabelBadge, Modal, toast, useAction } from './parts';

const PATH = '/v1/insight/money';
const MONTHS = Array.from({ length: 12 }, (_, i) => i + 1);
const monthName = (m: number) => fmt.monthOf(`2001-${String(m).padStart(2, '0')}-01`).replace(/[\s,]*2001.*/, '');

type Kind = 'money' | 'hours' | 'share';
type Name = Exclude<keyof Money, 'currency' | 'fiscal_start' | 'may_change' | 'simulated'>;
const FIELDS: [Name, string, Kind, string][] = [
    ['split', 'Share of a commission that stays with the brokerage', 'share', 'Per cent'],
    ['commission_cents', 'Commission of a closing', 'money', 'Empty: the mean of the closings in the period'],
    ['coach_hours', 'Hours of the coach for one coaching', 'hours', 'Preparation included'],
    ['coach_hour_cents', 'Cost of a coach\u2019s hour', 'money', ''],
    ['agent_hours', 'Hours of the agent for one coaching', 'hours', 'Steps included'],
    ['agent_hour_cents', 'Worth of an agent\u2019s hour', 'money', '0 when it should not count'],
    ['licence_cents', 'Licence for an agent and month', 'money', ''],
];

const shown = (kind: Kind, v: number | null) => (v === null ? null : kind === 'money' ? fmt.moneyExact(v) : kind === 'share' ? fmt.percent1(v) : `${fmt.num2(v)} h`);
const SCALE: Record<Kind, number> = { money: 100, share: 0.01, hours: 1 };

export function MoneyCard({ money, onEdit }: { money: Money; onEdit: () => void }) {
    return (
        <Card
            title="Reckoned with"
            aside={
                <>
                    {money.simulated && <LabelBadge label="simulated" />}
                    {money.may_change && (
                        <button type="button" class="btn small" onClick={onEdit}>
                            Change<span class="sr-only"> the settings of money</span>
                        </button>
                    )}
                </>
            }
        >
            <dl class="settings">
                <div>
                    <dt>Currency</dt>
                    <dd>{money.currency}</dd>
                </div>
                <div>
                    <dt>Fiscal year begins in</dt>
                    <dd class={money.fiscal_start === null ? 'muted' : ''}>{money.fiscal_start === null ? 'not set (January)' : monthName(money.fiscal_start)}</dd>
                </div>
                {FIELDS.map(([name, title, kind]) => (
                    <div key={name}>
                        <dt>{title}</dt>
                        <dd class={money[name] === null ? 'muted' : ''}>{shown(kind, money[name]) ?? (name === 'commission_cents' ? 'from the closings' : 'not set')}</dd>
                    </div>
                ))}
            </dl>
        </Card>
    );
}

/** Numbers as they are typed: empty is "not set". */
const toText = (kind: Kind, v: number | null) => (v === null ? '' : String(Math.round((v / SCALE[kind]) * 1e6) / 1e6));

export function MoneyDialog({ money, onClose, onDone }: { money: Money; onClose: () => void; onDone: (m: Money) => void }) {
    const [currency, setCurrency] = useState(money.currency);
    const [starts, setStarts] = useState(money.fiscal_start === null ? '' : String(money.fiscal_start));
    const [text, setText] = useState(() => Object.fromEntries(FIELDS.map(([name, , kind]) => [name, toText(kind, money[name])])) as Record<Name, string>);
    const [wrong, setWrong] = useState<Partial<Record<Name | 'currency', string>>>({});
    const action = useAction();
    const read = (name: Name, kind: Kind): number | null => {
        const t = text[name].trim().replace(',', '.');
        if (t === '') return null;
        const v = Number(t) * SCALE[kind];
        return kind === 'money' ? Math.round(v) : v;
    };
    const submit = (e: Event) => {
        e.preventDefault();
        const w: typeof wrong = {};
        const body: Record<string, unknown> = { currency: currency.trim().toUpperCase(), fiscal_start: starts === '' ? null : Number(starts) };
        if (!/^[A-Z]{3}$/.test(String(body.currency))) w.currency = 'Three letters, such as USD.';
        for (const [name, , kind] of FIELDS) {
            const v = read(name, kind);
            body[name] = v;
            if (v === null) continue;
            if (!Number.isFinite(v) || v < 0) w[name] = 'A number from 0, please.';
            else if (kind === 'share' && v > 1) w[name] = 'At most 100 per cent.';
            else if (kind === 'hours' && v > 100) w[name] = 'At most 100 hours.';
        }
        setWrong(w);
        if (Object.keys(w).length) return;
        action.run(async () => {
            const saved = await api.put<Money>(PATH, body);
            fmt.setCurrency(saved.currency);
            toast('The settings are changed');
            onDone(saved);
        });
    };
    return (
        <Modal title="What returns are reckoned with" onClose={onClose}>
            <form class="form" onSubmit={submit} noValidate>
                <p class="small muted">What is empty is not set: returns that need it say so. Every change is recorded in the audit.</p>
                <div class="pair">
                    <Field label="Currency" hint="ISO 4217, such as USD" wrong={wrong.currency}>
                        {(a) => <input {...a} data-autofocus maxLength={3} autoCapitalize="characters" value={currency} onInput={(e) => setCurrency(e.currentTarget.value)} />}
                    </Field>
                    <Field label="Fiscal year begins in">
                        {(a) => (
                            <select {...a} value={starts} onChange={(e) => setStarts(e.currentTarget.value)}>
                                <option value="">Not set (January)</option>
                                {MONTHS.map((m) => (
                                    <option key={m} value={m}>
                                        {monthName(m)}
                                    </option>
                                ))}
                            </select>
                        )}
                    </Field>
                    {FIELDS.map(([name, title, kind, hint]) => (
                        <Field key={name} label={title} hint={kind === 'money' ? [currency.toUpperCase(), hint].filter(Boolean).join('. ') : hint} wrong={wrong[name]}>
                            {(a) => <input {...a} inputMode="decimal" maxLength={16} value={text[name]} onInput={(e) => setText({ ...text, [name]: e.currentTarget.value })} />}
                        </Field>
                    ))}
                </div>
                {action.wrong && (
                    <p class="notice bad" role="alert">
                        {action.wrong}
                    </p>
                )}
                <div class="actions">
                    <button type="button" class="btn quiet" onClick={onClose}>
                        Cancel
                    </button>
                    <button type="submit" class="btn primary" disabled={action.busy}>
                        Save
                    </button>
                </div>
            </form>
        </Modal>
    );
}

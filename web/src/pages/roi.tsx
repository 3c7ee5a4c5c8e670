// ROI: what the coaching returned in a fiscal period, with its interval, and what it is reckoned with.
import { useEffect, useState } from 'preact/hooks';
import { type Period, fiscalPeriods } from '../fiscal';
import { useResource } from '../resource';
import { Link, useQuery } from '../router';
import type { Money, Return, Returns, Scope } from '../types';
import { SCOPES, SCOPE_TITLE } from '../ui/effects';
import { MoneyCard, MoneyDialog } from '../ui/money_form';
import { Card, Empty, LabelBadge, PageHead, Show } from '../ui/parts';
import { PrintButton } from '../ui/report';
import { OneReturn, ReturnTable, ReturnsCsv } from '../ui/returns';

const PATH = '/v1/insight/roi';

function PeriodSelect({ periods, value, onChange }: { periods: Period[]; value: string; onChange: (key: string) => void }) {
    return (
        <select class="select" aria-label="Period" value={value} onChange={(e) => onChange(e.currentTarget.value)}>
            {periods.map((p) => (
                <option key={p.key} value={p.key}>
                    {p.name}
                </option>
            ))}
        </select>
    );
}

function ScopeSelect({ value, onChange }: { value: Scope; onChange: (s: Scope) => void }) {
    return (
        <select class="select" aria-label="Returns by" value={value} onChange={(e) => onChange(e.currentTarget.value as Scope)}>
            {SCOPES.filter((s) => s !== 'all').map((s) => (
                <option key={s} value={s}>
                    {SCOPE_TITLE[s]}
                </option>
            ))}
        </select>
    );
}

/** The periods that can be chosen are known once an answer has said until when there are data. */
export function usePeriods() {
    const money = useResource<Money>('/v1/insight/money');
    const [asOf, setAsOf] = useState<string | null>(null);
    const [key, setKey] = useState('');
    const periods = asOf && money.data ? fiscalPeriods(asOf, money.data.fiscal_start ?? 1) : [];
    const period = periods.find((p) => p.key === key) ?? periods[0] ?? null;
    const query = key && period ? { from: period.from, to: period.to } : {};
    const select = periods.length > 0 && <PeriodSelect periods={periods} value={period?.key ?? ''} onChange={setKey} />;
    return { money, period, query, select, setAsOf, reset: () => setKey('') };
}

export function RoiPage() {
    const { money, query, select, setAsOf, reset } = usePeriods();
    const [scope, setScope] = useQuery('scope');
    const [name, setName] = useQuery('name');
    const [editing, setEditing] = useState(false);
    const listed: Scope = SCOPES.includes(scope as Scope) && scope !== 'all' ? (scope as Scope) : 'office';
    const top = useResource<Returns>(PATH, name ? { scope: listed, name, ...query } : { ...query });
    const list = useResource<Returns>(PATH, { scope: listed, ...query });
    useEffect(() => {
        if (top.data) setAsOf(top.data.as_of);
    }, [top.data]);
    const reload = () => {
        money.reload();
        top.reload();
        list.reload();
    };
    return (
        <>
            <PageHead title="ROI" sub="What the coaching returned: value of additional closings less what it cost">
                {top.data && <LabelBadge label={top.data.label} />}
                {select}
                <PrintButton />
            </PageHead>
            <div class="stack">
                <Show of={top}>{(d) => <Top d={d} named={name !== ''} mayChange={money.data?.may_change ?? false} onEdit={() => setEditing(true)} />}</Show>
                <Card
                    title="Returns"
                    flush
                    aside={
                        <>
                            <ScopeSelect
                                value={listed}
                                onChange={(s) => {
                                    setName('');
                                    setScope(s);
                                }}
                            />
                            {list.data && list.data.items.length > 0 && <ReturnsCsv lists={[list.data]} />}
                        </>
                    }
                >
                    <Show of={list} rows={2}>
                        {(d) => (d.items.length === 0 ? <Empty title="Nothing of this kind yet" text="Effects are estimated by the nightly run." icon="coins" /> : <ReturnTable d={d} />)}
                    </Show>
                </Card>
                {money.data && <MoneyCard money={money.data} onEdit={() => setEditing(true)} />}
            </div>
            {editing && money.data && (
                <MoneyDialog
                    money={money.data}
                    onClose={() => setEditing(false)}
                    onDone={() => {
                        setEditing(false);
                        reset();
                        reload();
                    }}
                />
            )}
        </>
    );
}

export function MissingNotice({ d, mayChange, onEdit }: { d: Returns; mayChange: boolean; onEdit?: () => void }) {
    if (d.missing.length === 0) return null;
    return (
        <p class="notice" role="status">
            <span>Not set yet, and not guessed: {d.missing.map((m) => m.what).join('; ')}.</span>
            {mayChange && onEdit && (
                <button type="button" class="btn" onClick={onEdit}>
                    Set them
                </button>
            )}
        </p>
    );
}

function Top({ d, named, mayChange, onEdit }: { d: Returns; named: boolean; mayChange: boolean; onEdit: () => void }) {
    const r: Return | undefined = d.items[0];
    return (
        <Card title={r?.title ?? 'All coaching'} aside={named && <Link to="/roi">All coaching</Link>}>
            <MissingNotice d={d} mayChange={mayChange} onEdit={onEdit} />
            {r ? <OneReturn r={r} d={d} /> : <Empty title="No effect has been estimated yet" text="Returns are reckoned from effects; the nightly run estimates them." icon="coins" />}
        </Card>
    );
}

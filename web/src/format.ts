// Numbers, money, times and features in words. Everything a person reads goes through here.

const locale = navigator.language || 'en-US';
let currency = 'USD';

export function setCurrency(code: string): void {
    currency = code;
}

const nf = (o: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, o);
const whole = nf({ maximumFractionDigits: 0 });
const one = nf({ maximumFractionDigits: 1 });
const oneFixed = nf({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
const two = nf({ maximumFractionDigits: 2 });
const twoFixed = nf({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
const signed1 = nf({ minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' });
const signed2 = nf({ minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: 'exceptZero' });
const pct0 = nf({ style: 'percent', maximumFractionDigits: 0 });
const pct1 = nf({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const DASH = '\u2013';
const minus = (s: string) => s.replace('-', '\u2212');

export const int = (v: number | null | undefined) => (v == null ? DASH : minus(whole.format(v)));
export const num1 = (v: number | null | undefined) => (v == null ? DASH : minus(one.format(v)));
export const fixed1 = (v: number | null | undefined) => (v == null ? DASH : minus(oneFixed.format(v)));
export const num2 = (v: number | null | undefined) => (v == null ? DASH : minus(two.format(v)));
export const fixed2 = (v: number | null | undefined) => (v == null ? DASH : minus(twoFixed.format(v)));
export const fixed3 = (v: number | null | undefined) =>
    v == null ? DASH : minus(nf({ minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(v));
export const percent = (v: number | null | undefined) => (v == null ? DASH : pct0.format(v));
export const percent1 = (v: number | null | undefined) => (v == null ? DASH : pct1.format(v));
/** A chance as people say it: never 0 or 100 % for what was only drawn. */
export const chance = (v: number | null | undefined) => (v == null ? DASH : v > 0.99 ? `> ${pct0.format(0.99)}` : v < 0.01 ? `< ${pct0.format(0.01)}` : pct0.format(v));
export const points = (v: number | null | undefined) => (v == null ? DASH : minus(signed1.format(v)));

const compact = nf({ notation: 'compact', maximumSignificantDigits: 3 });
export const short = (v: number | null | undefined) => (v == null ? DASH : minus(compact.format(v)));

/** An amount in a currency of its own; what is no code of a currency stands behind the number. */
export function amount(v: number | null | undefined, code: string): string {
    if (v == null) return DASH;
    try {
        return minus(nf({ style: 'currency', currency: code }).format(v));
    } catch {
        return `${minus(two.format(v))} ${code}`;
    }
}
/** A change: with its sign, two digits, so that a column of them lines up. */
export const change = (v: number | null | undefined) => (v == null ? DASH : minus(signed2.format(v)));

export function money(cents: number | null | undefined): string {
    if (cents == null) return DASH;
    return minus(nf({ style: 'currency', currency, maximumFractionDigits: 0 }).format(cents / 100));
}
export function moneyExact(cents: number | null | undefined): string {
    if (cents == null) return DASH;
    return minus(nf({ style: 'currency', currency }).format(cents / 100));
}
export function moneyChange(cents: number | null | undefined): string {
    if (cents == null) return DASH;
    return minus(nf({ style: 'currency', currency, maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(cents / 100));
}
export function moneyShort(cents: number | null | undefined): string {
    if (cents == null) return DASH;
    return minus(nf({ style: 'currency', currency, notation: 'compact', maximumFractionDigits: 1 }).format(cents / 100));
}

const dtDay = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const dtDayUtc = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const dtDate = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const dtMonth = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' });
const dtLong = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' });
const dtTime = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
const dtFull = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const rel = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

/** A calendar date has no zone: it is shown as it is. */
export const date = (d: string | null | undefined) => (d ? dtDate.format(new Date(`${d.slice(0, 10)}T00:00:00Z`)) : DASH);
export const monthOf = (d: string) => dtMonth.format(new Date(`${d.slice(0, 10)}T00:00:00Z`));
/** The last day of a stretch whose end is exclusive. */
export const dayBefore = (d: string) => date(new Date(Date.parse(`${d.slice(0, 10)}T00:00:00Z`) - 86_400_000).toISOString());
export const dateLong = (d: string) => dtLong.format(new Date(`${d.slice(0, 10)}T00:00:00Z`));
export const dayShort = (d: string) => dtDayUtc.format(new Date(`${d.slice(0, 10)}T00:00:00Z`));
/** An instant is shown in the zone of the browser. */
export const time = (t: string | null | undefined) => (t ? dtFull.format(new Date(t)) : DASH);
export const clock = (t: string) => dtTime.format(new Date(t));
export const dayOf = (t: string) => dtDay.format(new Date(t));

export function ago(t: string): string {
    const s = (Date.parse(t) - Date.now()) / 1000;
    const steps: [number, Intl.RelativeTimeFormatUnit][] = [
        [60, 'second'],
        [3600, 'minute'],
        [86400, 'hour'],
        [86400 * 14, 'day'],
    ];
    const size: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86400 };
    for (const [limit, unit] of steps) if (Math.abs(s) < limit) return rel.format(Math.round(s / (size[unit] ?? 1)), unit);
    return date(t);
}

/** A feature's value with its unit, as one would say it. */
export function value(v: number | null | undefined, unit: string): string {
    if (v == null) return 'not known';
    switch (unit) {
        case 'min':
            return v >= 600 ? `${num1(v / 60)} h` : `${v < 10 ? num1(v) : int(v)} min`;
        case 's':
            return v >= 5400 ? `${num1(v / 3600)} h` : `${int(v / 60)} min`;
        case 'rate':
            return percent(v);
        case 'days':
            return `${int(v)} ${Math.round(v) === 1 ? 'day' : 'days'}`;
        case 'cents':
            return moneyShort(v);
        case 'ratio':
            return num2(v);
        default:
            return num1(v);
    }
}

const ACTIVITY: Record<string, string> = {
    call: 'Call', text: 'Text', email: 'E-mail', appointment: 'Appointment', showing: 'Showing', offer: 'Offer',
    closing: 'Closing', task: 'Task', note: 'Note', training: 'Training',
};
export const activityKind = (k: string) => ACTIVITY[k] ?? k;
/** A clause of the server as a sentence. */
export const sentence = (s: string) => (s ? s.charAt(0).toUpperCase() + s.slice(1) + (/[.!?]$/.test(s) ? '' : '.') : '');
export const words = (k: string | null | undefined) => (k ? k.replace(/_/g, ' ') : '');

export function duration(s: number | null): string {
    if (s == null) return '';
    return s < 60 ? `${s} s` : `${int(s / 60)} min`;
}

/** The first seven days, and what follows, of a tenure in plain words. */
export function tenure(startedOn: string | null): string | null {
    if (!startedOn) return null;
    const months = Math.floor((Date.now() - Date.parse(startedOn)) / (30.44 * 86400_000));
    if (months < 1) return 'started this month';
    if (months < 24) return `${months} ${months === 1 ? 'month' : 'months'} in the job`;
    return `${int(Math.floor(months / 12))} years in the job`;
}

export const sigmoid = (m: number) => 1 / (1 + Math.exp(-m));

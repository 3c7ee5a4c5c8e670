// Periods of a fiscal year that begins with any month, as dates; the last day is exclusive.
import * as fmt from './format';

export interface Period {
    key: string;
    name: string;
    from: string;
    to: string;
}

const iso = (year: number, month0: number) => new Date(Date.UTC(year, month0, 1)).toISOString().slice(0, 10);

/** Fiscal years are named by the calendar year in which they end. The running ones first; `to` may lie ahead of the data. */
export function fiscalPeriods(asOf: string, starts: number): Period[] {
    const last = new Date(Date.parse(`${asOf}T00:00:00Z`) - 86_400_000); // the last day with data
    const year = last.getUTCFullYear();
    const month = last.getUTCMonth();
    const into = (month - (starts - 1) + 12) % 12; // months of the fiscal year that have ended
    const first = month - into; // its first month, counted from January of `year`
    const quarter = first + Math.floor(into / 3) * 3;
    const name = (from: number, months: number) => {
        const end = new Date(Date.UTC(year, from + months - 1, 1)).getUTCFullYear();
        if (months === 12) return `Fiscal year ${end}`;
        if (months === 3) return `Quarter ${(((from - first) / 3 + 8) % 4) + 1}, from ${fmt.monthOf(iso(year, from))}`;
        return fmt.monthOf(iso(year, from));
    };
    const period = (from: number, months: number): Period => ({ key: `${from}/${months}`, name: name(from, months) + (iso(year, from + months) > asOf ? ', so far' : ''), from: iso(year, from), to: iso(year, from + months) });
    return [period(first, 12), period(first - 12, 12), period(quarter, 3), period(quarter - 3, 3), ...Array.from({ length: 12 }, (_, i) => period(month - i, 1))];
}

// Many answers at once: how many would look like an effect by chance, and which stand all the same.

export interface Answer {
    title: string;
    p?: number | null;
    ci_low: number | null;
    ci_high: number | null;
}

const FALSE_SHARE = 0.05;
const MANY = 10;
const NAMED = 5;

/** Those whose effect stands when at most 5 % of what is called one may be false (Benjamini and Hochberg 1995). */
export function standing<T extends { p?: number | null }>(rows: T[]): T[] {
    const known = rows.filter((r) => r.p != null).sort((a, b) => (a.p ?? 1) - (b.p ?? 1));
    let n = 0;
    known.forEach((r, k) => {
        if ((r.p ?? 1) <= (FALSE_SHARE * (k + 1)) / known.length) n = k + 1;
    });
    return known.slice(0, n);
}

/** A sentence for many answers; null for few. */
export function chanceSentence(rows: Answer[]): string | null {
    const known = rows.filter((r) => r.ci_low != null && r.ci_high != null);
    if (known.length < MANY) return null;
    const off = known.filter((r) => (r.ci_low ?? 0) > 0 || (r.ci_high ?? 0) < 0).length;
    const stand = standing(known);
    const names = stand.slice(0, NAMED).map((r) => r.title).join(', ') + (stand.length > NAMED ? ` and ${stand.length - NAMED} more` : '');
    const which = stand.length === 0 ? 'None stands' : stand.length === 1 ? `One stands: ${names},` : `${stand.length} stand: ${names},`;
    const lie = off === 0 ? 'none of the intervals leaves out zero' : off === 1 ? 'one interval leaves out zero' : `${off} intervals leave out zero`;
    return `Of ${known.length} answers, ${lie}; about ${Math.max(1, Math.round(known.length * 0.05))} would by chance alone, if nothing helped or harmed. ${which} when at most one in twenty of those called an effect may be false (Benjamini–Hochberg).`;
}

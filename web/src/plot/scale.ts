// Axes: round tick values, pixel positions.
export interface Scale {
    ticks: number[];
    min: number;
    max: number;
    at: (v: number) => number;
}

const STEPS = [1, 2, 2.5, 5, 10];

export function tickStep(span: number, count: number, wholeOnly: boolean): number {
    const raw = span / Math.max(1, count);
    const power = 10 ** Math.floor(Math.log10(raw || 1));
    const step = (STEPS.find((s) => s * power >= raw * 0.999) ?? 10) * power;
    return wholeOnly ? Math.max(1, Math.ceil(step)) : step;
}

/** From min..max of the data to pixels from..to, widened to whole ticks. */
export function linear(min: number, max: number, from: number, to: number, count: number, wholeOnly = false): Scale {
    const step = tickStep(max - min || 1, count, wholeOnly);
    const lo = Math.floor(min / step + 1e-9) * step;
    let hi = Math.ceil(max / step - 1e-9) * step;
    if (hi <= lo) hi = lo + step;
    const ticks: number[] = [];
    for (let v = lo; v <= hi + step / 2; v += step) ticks.push(Math.round(v / step) * step);
    return { ticks, min: lo, max: hi, at: (v) => from + ((v - lo) / (hi - lo)) * (to - from) };
}

/** The same figures as a table, for screen readers and for everybody who wants the numbers. */
export function TableAlt({ caption, head, rows, summary = 'Show as a table' }: { caption: string; head: string[]; rows: string[][]; summary?: string }) {
    return (
        <details class="more">
            <summary>
                {summary}
                <span class="sr-only">: {caption}</span>
            </summary>
            <div class="scroll-x" tabIndex={0} role="region" aria-label={caption}>
                <table class="data">
                    <caption class="sr-only">{caption}</caption>
                    <thead>
                        <tr>
                            {head.map((h, i) => (
                                <th key={h} scope="col" class={i ? 'num' : ''}>
                                    {h}
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {rows.map((r) => (
                            <tr key={r[0]}>
                                {r.map((c, i) =>
                                    i === 0 ? (
                                        <th key={i} scope="row">
                                            {c}
                                        </th>
                                    ) : (
                                        <td key={i} class="num">
                                            {c}
                                        </td>
                                    ),
                                )}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </details>
    );
}

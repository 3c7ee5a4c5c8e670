// Icons: 20 px line drawings, decorative (the word stands beside them or in the label of the button).
const PATHS = {
    today: 'M4 5.5h12M4 10h12M4 14.5h7',
    agents: 'M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-6 6.5c.6-3 3-4.5 6-4.5s5.400 1.500 6 4.500',
    office: 'M3.500 17V8L10 3l6.500 5v9M3 17h14M8 17v-5h4v5',
    book: 'M4 4.500c2-1 4-1 6 .5 2-1.500 4-1.500 6-.5V16c-2-1-4-1-6 .5-2-1.500-4-1.500-6-.5zM10 5v11.500',
    model: 'M3.500 16.500V11m4.300 5.500V7m4.400 9.500V9.500m4.300 7V3.500',
    race: 'M4 5h9M4 10h12M4 15h6M13 3v4m3 1v4m-6 1v4',
    curve: 'M3.500 3.500v13h13M5.500 14c4 0 3-7 10-8.500',
    steps: 'M3.500 16.500v-3h3.500v-4h3.500v-3h3.500v-3h2.500',
    effect: 'M10 3v14M4 6h8m-4-1.500v3M7 10h9m-4.500-1.500v3M5 14h6m-3-1.500v3',
    coins: 'M10 8.500c3.600 0 6-1.100 6-2.500S13.600 3.500 10 3.500 4 4.600 4 6s2.400 2.500 6 2.500ZM4 6v4c0 1.400 2.400 2.500 6 2.500s6-1.100 6-2.500V6M4 10v4c0 1.400 2.400 2.500 6 2.500s6-1.100 6-2.500v-4',
    report: 'M5 3h7l3.500 3.500V17H5zM12 3v3.500h3.500M7.500 10h5M7.500 13.500h5',
    flask: 'M7.500 3h5M8.500 3v5L4 15.500c-.5.800 0 1.500 1 1.500h10c1 0 1.500-.7 1-1.500L11.500 8V3M6.500 12.500h7',
    audit: 'M10 3l6 2v4.500c0 3.500-2.500 6-6 7.500-3.500-1.500-6-4-6-7.500V5zM7.500 10l2 2 3.500-4',
    me: 'M10 3.500l1.900 4 4.400.5-3.300 3 .9 4.300L10 13.200l-3.900 2.100.9-4.300-3.300-3 4.400-.5z',
    send: 'M3.500 10L16.500 4l-4 12.500-3-5zM9.500 11.500l3-3.500',
    swap: 'M4 7h11m-3-3 3 3-3 3M16 13H5m3-3-3 3 3 3',
    no: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM5.200 5.200l9.600 9.600',
    check: 'M4 10.500l4 4 8-9',
    down: 'M5 8l5 5 5-5',
    sun: 'M10 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM10 1.800v1.700m0 13v1.700M1.800 10h1.700m13 0h1.700M4.200 4.200l1.200 1.200m9.200 9.200 1.200 1.200m0-11.600-1.200 1.200m-9.200 9.200-1.200 1.200',
    moon: 'M16.500 11.500A7 7 0 1 1 8.500 3.500a5.500 5.500 0 0 0 8 8Z',
    auto: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 3v14',
    out: 'M8 4H4v12h4M8 10h9m-3-3 3 3-3 3',
    warn: 'M10 3.500 17.500 16.500h-15zM10 8.500v3.500m0 2v.2',
    empty: 'M3.500 11.500 5.500 4.500h9l2 7v4h-13zM3.500 11.500h4l1 2h3l1-2h4',
    lock: 'M5 9h10v7.500H5zM7 9V6.500a3 3 0 0 1 6 0V9',
    plug: 'M7 3v4m6-4v4M5 7h10v2.500a5 5 0 0 1-10 0zM10 14.500V18',
    clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 6v4l3 2',
    plus: 'M10 4v12M4 10h12',
    edit: 'M4 16l.8-3.500L13.500 4l2.500 2.500-8.600 8.700z',
    bulb: 'M7.500 14.500h5M8.300 17h3.400M7.500 12.500a5 5 0 1 1 5 0v1.500h-5z',
    call: 'M5 3.500h2.500l1.200 3.500-1.700 1.300a9 9 0 0 0 4.700 4.700l1.300-1.700 3.500 1.200V15c0 1-.8 1.800-1.800 1.700C8.600 16.200 3.800 11.400 3.300 5.300 3.200 4.300 4 3.500 5 3.500Z',
    text: 'M3.500 4.500h13v9H9l-3.500 3v-3h-2z',
    mail: 'M3 5h14v10H3zM3.500 5.500l6.500 5 6.500-5',
    cal: 'M3.500 5h13v11.500h-13zM3.500 8.500h13M7 3v3m6-3v3',
    star: 'M10 3.500v13M3.500 10h13',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
    return (
        <svg width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
            <path d={PATHS[name]} />
        </svg>
    );
}

export function Logo({ size = 30 }: { size?: number }) {
    return (
        <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect width="32" height="32" rx="9" fill="#15705f" />
            <path d="M8 22.500V13l8-6 8 6v9.500" fill="none" stroke="#fff" stroke-width="2.400" stroke-linejoin="round" stroke-linecap="round" />
            <path d="M12 22.500v-4m4 4v-7m4 7v-4.500" stroke="#f3b85b" stroke-width="2.400" stroke-linecap="round" />
        </svg>
    );
}

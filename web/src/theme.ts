// Light, dark, or what the system says. Kept in this browser only.
export type Theme = 'auto' | 'light' | 'dark';
const KEY = 'ehub.theme';

export function themeRead(): Theme {
    try {
        const t = localStorage.getItem(KEY);
        return t === 'light' || t === 'dark' ? t : 'auto';
    } catch {
        return 'auto'; // storage may be forbidden
    }
}

export function themeApply(t: Theme): void {
    if (t === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = t;
    try {
        if (t === 'auto') localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, t);
    } catch {
        // The choice then lasts for this page only.
    }
}

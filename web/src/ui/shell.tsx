// The frame of every page: rail with the pages of the role, person, theme, state of the live connection.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useLiveState } from '../live';
import { Link, usePath } from '../router';
import { useMe } from '../session';
import { type Theme, themeApply, themeRead } from '../theme';
import type { Role } from '../types';
import { Icon, type IconName, Logo } from './icon';
import { Avatar, LabelBadge, Toasts } from './parts';

interface NavItem {
    to: string;
    text: string;
    icon: IconName;
    roles: Role[];
    also?: string;
}

const STAFF: Role[] = ['admin', 'manager', 'coach', 'auditor'];
const NAV: NavItem[] = [
    { to: '/me', text: 'My page', icon: 'me', roles: ['agent'] },
    { to: '/today', text: 'Today', icon: 'today', roles: STAFF },
    { to: '/agents', text: 'Agents', icon: 'agents', roles: STAFF },
    { to: '/offices', text: 'Offices', icon: 'office', roles: STAFF },
    { to: '/leaderboard', text: 'Leaderboard', icon: 'race', roles: STAFF },
    { to: '/ramp-up', text: 'Ramp-up', icon: 'curve', roles: STAFF },
    { to: '/effect', text: 'Effect', icon: 'effect', roles: STAFF },
    { to: '/roi', text: 'ROI', icon: 'coins', roles: STAFF },
    { to: '/report', text: 'Report', icon: 'report', roles: STAFF },
    { to: '/experiments', text: 'Experiments', icon: 'flask', roles: STAFF },
    { to: '/playbook', text: 'Playbook', icon: 'book', roles: [...STAFF, 'agent'] },
    { to: '/models', text: 'Models', icon: 'model', roles: ['admin', 'manager', 'auditor'] },
    { to: '/personal-data', text: 'Personal data', icon: 'lock', roles: ['admin', 'manager', 'auditor'] },
    { to: '/scaling', text: 'Scaling', icon: 'steps', roles: ['admin'] },
    { to: '/audit', text: 'Audit', icon: 'audit', roles: ['admin', 'auditor'] },
];

const THEMES: Record<Theme, { next: Theme; icon: IconName; text: string }> = {
    auto: { next: 'dark', icon: 'auto', text: 'Theme: as the system' },
    dark: { next: 'light', icon: 'moon', text: 'Theme: dark' },
    light: { next: 'auto', icon: 'sun', text: 'Theme: light' },
};

function ThemeButton() {
    const [theme, setTheme] = useState(themeRead);
    const t = THEMES[theme];
    return (
        <button
            type="button"
            aria-label={`${t.text}. Change`}
            title={t.text}
            onClick={() => {
                themeApply(t.next);
                setTheme(t.next);
            }}
        >
            <Icon name={t.icon} />
        </button>
    );
}

const LIVE_TEXT = { off: 'Not live', connecting: 'Connecting\u2026', open: 'Live', down: 'Live updates paused' };

export function LiveBadge() {
    const s = useLiveState();
    return (
        <span class="live-state" data-state={s}>
            <i aria-hidden="true" />
            {LIVE_TEXT[s]}
        </span>
    );
}

const ROLE_TEXT: Record<Role, string> = { admin: 'Administrator', manager: 'Manager', coach: 'Coach', agent: 'Agent', auditor: 'Auditor' };

export function Shell({ children, onLogout }: { children: ComponentChildren; onLogout: () => void }) {
    const me = useMe();
    const path = usePath();
    const items = NAV.filter((n) => n.roles.includes(me.user.role));
    return (
        <div class="shell">
            <a class="skip" href="#main">
                Skip to the content
            </a>
            <header class="top">
                <span class="brand">
                    <Logo size={26} />
                    <span>{me.tenant.name}</span>
                </span>
                {me.tenant.simulated && <LabelBadge label="simulated" />}
                <ThemeButton />
                <button type="button" aria-label="Log out" onClick={onLogout}>
                    <Icon name="out" />
                </button>
            </header>
            <aside class="rail" aria-label="Console">
                <div class="brand">
                    <Logo />
                    <span>
                        EnterpriseHub<small>{me.tenant.name}</small>
                    </span>
                </div>
                {me.tenant.simulated && (
                    <p class="rail-label">
                        <LabelBadge label="simulated" /> data
                    </p>
                )}
                <nav aria-label="Pages">
                    <ul>
                        {items.map((n) => (
                            <li key={n.to}>
                                <Link to={n.to} aria-current={path === n.to || path.startsWith(`${n.to}/`) ? 'page' : undefined}>
                                    <Icon name={n.icon} size={20} />
                                    {n.text}
                                </Link>
                            </li>
                        ))}
                    </ul>
                </nav>
                <div class="rail-foot">
                    <LiveBadge />
                    <div class="who">
                        <Avatar name={me.user.name} />
                        <div>
                            <b>{me.user.name}</b>
                            <span>{ROLE_TEXT[me.user.role]}</span>
                        </div>
                    </div>
                    <div class="rail-tools">
                        <ThemeButton />
                        <button type="button" onClick={onLogout}>
                            <Icon name="out" /> Log out
                        </button>
                    </div>
                </div>
            </aside>
            <main class="main" id="main">
                <div class="content">{children}</div>
            </main>
            <Toasts />
        </div>
    );
}

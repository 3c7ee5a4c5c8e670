// Address -> page, and which role may see it.
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { ApiError } from './api';
import { AgentPage } from './pages/agent';
import { AgentsPage } from './pages/agents';
import { AuditPage } from './pages/audit';
import { EffectPage, EffectsPage } from './pages/effect';
import { ExperimentPage, ExperimentsPage } from './pages/experiments';
import { LeaderboardPage } from './pages/leaderboard';
import { MePage } from './pages/me';
import { ModelsPage } from './pages/models';
import { OfficePage, OfficesPage } from './pages/office';
import { PiiPage } from './pages/pii';
import { PlaybookPage } from './pages/playbook';
import { RampUpPage } from './pages/rampup';
import { ScalingPage } from './pages/scaling';
import { ReportPage } from './pages/report';
import { RoiPage } from './pages/roi';
import { TodayPage } from './pages/today';
import { navigate, usePath } from './router';
import { useMe } from './session';
import type { Role } from './types';
import { ErrorState, PageTitle } from './ui/parts';

interface Route {
    path: RegExp;
    roles: Role[];
    page: (args: string[]) => ComponentChildren;
}

const STAFF: Role[] = ['admin', 'manager', 'coach', 'auditor'];
const ROUTES: Route[] = [
    { path: /^\/today$/, roles: STAFF, page: () => <TodayPage /> },
    { path: /^\/agents$/, roles: STAFF, page: () => <AgentsPage /> },
    { path: /^\/agents\/([\w-]+)$/, roles: STAFF, page: ([id]) => <AgentPage key={id} id={id ?? ''} /> },
    { path: /^\/offices$/, roles: STAFF, page: () => <OfficesPage /> },
    { path: /^\/offices\/([\w-]+)$/, roles: STAFF, page: ([id]) => <OfficePage key={id} id={id ?? ''} /> },
    { path: /^\/leaderboard$/, roles: STAFF, page: () => <LeaderboardPage /> },
    { path: /^\/ramp-up$/, roles: STAFF, page: () => <RampUpPage /> },
    { path: /^\/effect$/, roles: STAFF, page: () => <EffectsPage /> },
    { path: /^\/effect\/(all|intervention|programme|coach|office)\/([^/]+)$/, roles: STAFF, page: ([scope, name]) => <EffectPage key={`${scope}/${name}`} scope={scope ?? ''} name={decoded(name ?? '')} /> },
    { path: /^\/roi$/, roles: STAFF, page: () => <RoiPage /> },
    { path: /^\/report$/, roles: STAFF, page: () => <ReportPage /> },
    { path: /^\/experiments$/, roles: STAFF, page: () => <ExperimentsPage /> },
    { path: /^\/experiments\/([a-z0-9-]+)$/, roles: STAFF, page: ([name]) => <ExperimentPage key={name} name={name ?? ''} /> },
    { path: /^\/playbook$/, roles: [...STAFF, 'agent'], page: () => <PlaybookPage /> },
    { path: /^\/models$/, roles: ['admin', 'manager', 'auditor'], page: () => <ModelsPage /> },
    { path: /^\/personal-data$/, roles: ['admin', 'manager', 'auditor'], page: () => <PiiPage /> },
    { path: /^\/scaling$/, roles: ['admin'], page: () => <ScalingPage /> },
    { path: /^\/audit$/, roles: ['admin', 'auditor'], page: () => <AuditPage /> },
    { path: /^\/me$/, roles: ['agent'], page: () => <MePage /> },
];

/** A name in an address; one that is damaged stays as it is and is not found. */
function decoded(name: string): string {
    try {
        return decodeURIComponent(name);
    } catch {
        return name;
    }
}

function Refused({ status }: { status: 403 | 404 }) {
    return (
        <>
            <PageTitle title={status === 404 ? 'Page not found' : 'Not allowed'} />
            <ErrorState error={new ApiError(status, '', '', null)} retry={() => navigate('/')} />
        </>
    );
}

function Redirect({ to }: { to: string }) {
    useEffect(() => navigate(to, true), [to]);
    return null;
}

export function Routes() {
    const path = usePath().replace(/(.)\/$/, '$1');
    const { user } = useMe();
    if (path === '/') return <Redirect to={user.role === 'agent' ? '/me' : '/today'} />;
    for (const r of ROUTES) {
        const m = r.path.exec(path);
        if (!m) continue;
        return r.roles.includes(user.role) ? r.page(m.slice(1)) : <Refused key={path} status={403} />;
    }
    return <Refused key={path} status={404} />;
}

// The console: session first, then the page that the address names.
import { type ComponentChildren, Component, render } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, api, onSessionExpired, setCsrf } from './api';
import './css/app.css';
import { setCurrency } from './format';
import { liveStart, liveStop } from './live';
import { LoginPage } from './pages/login';
import { Routes } from './routes';
import { SessionContext } from './session';
import { themeApply, themeRead } from './theme';
import type { Me } from './types';
import { ErrorState, Skeleton } from './ui/parts';
import { Shell } from './ui/shell';

type State = { kind: 'starting' } | { kind: 'login'; expired: boolean } | { kind: 'in'; me: Me } | { kind: 'broken'; error: ApiError };

function App() {
    const [state, setState] = useState<State>({ kind: 'starting' });

    const start = useCallback(async () => {
        try {
            const me = await api.get<Me>('/v1/me');
            setCsrf(me.csrf);
            setCurrency(me.tenant.currency);
            setState({ kind: 'in', me });
            liveStart();
        } catch (e) {
            if (e instanceof ApiError && e.status === 401) return; // onSessionExpired shows the log-in
            setState({ kind: 'broken', error: e instanceof ApiError ? e : new ApiError(0, 'The console could not start', String(e), null) });
        }
    }, []);

    useEffect(() => {
        onSessionExpired(() => {
            liveStop();
            setState((s) => (s.kind === 'login' ? s : { kind: 'login', expired: s.kind === 'in' }));
        });
        void start();
    }, []);

    const logout = useCallback(async () => {
        liveStop();
        try {
            await api.post('/v1/logout');
        } catch {
            // The session may have ended already: the log-in page is right in any case.
        }
        setCsrf('');
        setState({ kind: 'login', expired: false });
    }, []);

    if (state.kind === 'login') return <LoginPage onDone={start} expired={state.expired} />;
    if (state.kind === 'starting')
        return (
            <main class="content">
                <Skeleton rows={5} />
            </main>
        );
    if (state.kind === 'broken')
        return (
            <main class="content">
                <ErrorState error={state.error} retry={start} />
            </main>
        );
    return (
        <SessionContext.Provider value={state.me}>
            <Shell onLogout={logout}>
                <Routes />
            </Shell>
        </SessionContext.Provider>
    );
}

/** A defect in a page must not leave the person with a blank window. */
class Boundary extends Component<{ children: ComponentChildren }, { error: Error | null }> {
    override state = { error: null as Error | null };
    override componentDidCatch(error: Error): void {
        console.error(error);
        this.setState({ error });
    }
    override render() {
        if (!this.state.error) return this.props.children;
        return (
            <main class="content">
                <ErrorState error={new ApiError(500, 'The page could not be shown', String(this.state.error), null)} retry={() => location.reload()} />
            </main>
        );
    }
}

themeApply(themeRead());
const root = document.getElementById('app');
if (root)
    render(
        <Boundary>
            <App />
        </Boundary>,
        root,
    );

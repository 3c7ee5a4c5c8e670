// Log-in. It stands in for any page: the address stays, and after the log-in the page that was asked for appears.
import { useState } from 'preact/hooks';
import { ApiError, api } from '../api';
import { Logo } from '../ui/icon';
import { Field, PageTitle } from '../ui/parts';

function inWords(e: unknown): string {
    if (!(e instanceof ApiError)) return String(e);
    if (e.status === 401) return 'That e-mail and password do not belong together.';
    if (e.status === 429) return `Too many attempts. Wait ${e.retryAfterS ? `${e.retryAfterS} seconds` : 'a little'} and try again.`;
    if (e.status === 0) return 'The server cannot be reached. Check the connection and try again.';
    return e.message;
}

export function LoginPage({ onDone, expired }: { onDone: () => void; expired: boolean }) {
    const [email, setEmail] = useState('');
    const [password, setPassword] = useState('');
    const [wrong, setWrong] = useState<string | null>(null);
    const [busy, setBusy] = useState(false);
    const submit = async (e: Event) => {
        e.preventDefault();
        if (busy) return;
        if (!email || !password) {
            setWrong('Please enter your e-mail and your password.');
            return;
        }
        setBusy(true);
        setWrong(null);
        try {
            await api.post('/v1/login', { email: email.trim(), password });
            onDone();
        } catch (err) {
            setWrong(inWords(err));
            setPassword('');
        } finally {
            setBusy(false);
        }
    };
    return (
        <div class="login">
            <aside class="login-pitch" aria-label="EnterpriseHub">
                <span class="brand">
                    <Logo size={34} /> EnterpriseHub
                </span>
                <div>
                    <blockquote>Who needs coaching today, why, and what helps.</blockquote>
                    <p>Every figure says where it comes from: measured, simulated, a target or a projection.</p>
                </div>
                <span />
            </aside>
            <main class="login-box">
                <form onSubmit={submit} noValidate>
                    <PageTitle title="Log in" />
                    {expired && (
                        <p class="notice info" role="status">
                            Your session has ended. Log in to go on where you were.
                        </p>
                    )}
                    <Field label="E-mail">
                        {(a) => (
                            <input {...a} type="email" name="email" autocomplete="username" value={email} onInput={(e) => setEmail(e.currentTarget.value)} autofocus />
                        )}
                    </Field>
                    <Field label="Password" wrong={wrong}>
                        {(a) => (
                            <input
                                {...a}
                                type="password"
                                name="password"
                                autocomplete="current-password"
                                value={password}
                                onInput={(e) => setPassword(e.currentTarget.value)}
                            />
                        )}
                    </Field>
                    <button class="btn primary" type="submit" disabled={busy}>
                        {busy ? 'Logging in\u2026' : 'Log in'}
                    </button>
                </form>
            </main>
        </div>
    );
}

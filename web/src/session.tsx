// Who is logged in, and what they may do.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Label, Me, Role } from './types';

export const SessionContext = createContext<Me | null>(null);

export function useMe(): Me {
    const me = useContext(SessionContext);
    if (!me) throw new Error('no session');
    return me;
}

export const canCoach = (role: Role) => role === 'admin' || role === 'manager' || role === 'coach';
export const canManage = (role: Role) => role === 'admin' || role === 'manager';

/** The label of figures whose answer does not carry one. */
export const tenantLabel = (me: Me): Label => (me.tenant.simulated ? 'simulated' : 'measured');

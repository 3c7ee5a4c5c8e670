// The update of the effects: asked for now, and how it goes.
import { useEffect, useRef } from 'preact/hooks';
import { ApiError, api } from '../api';
import * as fmt from '../format';
import { type Resource, useResource } from '../resource';
import type { EffectUpdate } from '../types';
import { toast, useAction } from './parts';

const PATH = '/v1/insight/update';
const EVERY_MS = 2_000;

/** onDone: called when an update that was seen running has ended well. */
export function useEffectUpdate(onDone: () => void): Resource<EffectUpdate> {
    const update = useResource<EffectUpdate>(PATH);
    const seen = useRef(false);
    const state = update.data?.state;
    useEffect(() => {
        if (state === 'running') {
            seen.current = true;
            const timer = setInterval(update.reload, EVERY_MS);
            return () => clearInterval(timer);
        }
        if (state && seen.current) {
            seen.current = false;
            if (state === 'done') {
                toast('The effects are up to date');
                onDone();
            }
        }
        return undefined;
    }, [state]);
    return update;
}

export function UpdateButton({ update }: { update: Resource<EffectUpdate> }) {
    const action = useAction();
    const d = update.data;
    if (!d?.may_update) return null;
    const ask = () =>
        action.run(async () => {
            try {
                const now = await api.post<EffectUpdate>(PATH);
                update.set(() => now);
            } catch (e) {
                if (!(e instanceof ApiError) || e.status !== 409) throw e;
                update.reload(); // somebody else was quicker
            }
        });
    return (
        <>
            <button type="button" class="btn" disabled={action.busy || d.state === 'running'} onClick={ask}>
                {d.state === 'running' ? 'Updating\u2026' : 'Update now'}
            </button>
            {action.wrong && (
                <span class="notice bad" role="alert">
                    {action.wrong}
                </span>
            )}
        </>
    );
}

export function UpdateState({ d }: { d: EffectUpdate | null }) {
    if (d?.state === 'running')
        return (
            <p class="notice info" role="status">
                The effects are being found anew since {fmt.time(d.started_at)}; those shown are of the update before.
            </p>
        );
    if (d?.state === 'failed')
        return (
            <p class="notice bad" role="status">
                The update of {fmt.time(d.ended_at ?? d.started_at)} failed: {d.reason}. Those shown are of an update before.
            </p>
        );
    return null;
}

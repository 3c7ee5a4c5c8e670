// Text that may hold sealed values: each is shown as the kind of thing it is; who administers may turn them back, which is recorded.
import { useState } from 'preact/hooks';
import { api } from '../api';
import * as fmt from '../format';
import { useMe } from '../session';
import { Icon } from './icon';
import { useAction } from './parts';

const TOKEN = /\[([A-Z][A-Z_]*):e1\.[A-Za-z0-9_-]+\]/;
/** What split() with a group leaves: text, kind, text, kind ... text. */
const parts = (text: string) => text.split(new RegExp(TOKEN, 'g'));

const KINDS: Record<string, string> = {
    PERSON: 'name',
    STREET_ADDRESS: 'address',
    LOCATION: 'place',
    PHONE_NUMBER: 'phone number',
    EMAIL_ADDRESS: 'e-mail address',
    ORGANIZATION: 'organization',
};
const kind = (type: string) => KINDS[type] ?? fmt.words(type.toLowerCase());

interface Restored {
    text: string;
    restored: number;
    left: number;
}

export function Sealed({ text }: { text: string }) {
    const me = useMe();
    const [back, setBack] = useState<{ of: string; got: Restored } | null>(null);
    const action = useAction();
    if (!TOKEN.test(text)) return <>{text}</>;
    const got = back?.of === text ? back.got : null;
    const show = () => action.run(async () => setBack({ of: text, got: await api.post<Restored>('/v1/pii/restore', { text }) }));
    return (
        <>
            {parts(got?.text ?? text).map((part, i) => (i % 2 ? <Seal key={i} type={part} erased={got !== null} /> : part))}
            {me.user.role === 'admin' && !got && (
                <button type="button" class="btn quiet reveal" disabled={action.busy} onClick={show}>
                    Show what is sealed
                </button>
            )}
            {action.wrong && (
                <span class="notice bad" role="alert">
                    {action.wrong}
                </span>
            )}
        </>
    );
}

function Seal({ type, erased }: { type: string; erased: boolean }) {
    return (
        <span class="seal" title={erased ? 'Its key has been destroyed: nobody can turn it back' : 'Sealed: only an administrator can turn it back'}>
            <Icon name={erased ? 'no' : 'lock'} /> {erased ? `${kind(type)}, erased` : kind(type)}
        </span>
    );
}

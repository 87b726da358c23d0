import { useEffect, useState } from 'react';
import { type JsonRecord, recordOf, type Send } from '../api/api.ts';
import { useSignedIn } from './signed-in.ts';

/** What the hub lets somebody do somewhere; it decides again on every request. */
export interface Me {
  /** Names of the fields of assets that may be written. */
  readonly write: ReadonlySet<string>;
  readonly administers: boolean;
  readonly operates: boolean;
}

const nothing: Me = { write: new Set(), administers: false, operates: false };
/** Asked once for a session. */
const asked = new WeakMap<Send, Promise<Me>>();

function meOf(body: JsonRecord): Me {
  const { write, administer, operate } = recordOf(body['capabilities']);
  return {
    write: new Set(Array.isArray(write) ? write.map(String) : []),
    administers: administer === true,
    operates: operate === true,
  };
}

function ask(send: Send): Promise<Me> {
  const known = asked.get(send) ?? send('v1/me').then(({ body }) => meOf(body));
  asked.set(send, known);
  known.catch(() => asked.delete(send));
  return known;
}

/** What the page need not offer because it would be refused; nothing until it is known. */
export function useMe(): Me {
  const { send } = useSignedIn();
  const [me, setMe] = useState(nothing);
  useEffect(() => {
    let isWanted = true;
    ask(send).then(
      (known) => isWanted && setMe(known),
      () => undefined,
    );
    return () => void (isWanted = false);
  }, [send]);
  return me;
}

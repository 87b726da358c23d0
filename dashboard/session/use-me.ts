import { useEffect, useState } from 'react';
import type { Hub } from '@pursight/client';
import { type JsonRecord, recordOf } from '../ui/json.ts';
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
const asked = new WeakMap<Hub, Promise<Me>>();

function meOf(body: JsonRecord): Me {
  const { write, administer, operate } = recordOf(body['capabilities']);
  return {
    write: new Set(Array.isArray(write) ? write.map(String) : []),
    administers: administer === true,
    operates: operate === true,
  };
}

function ask(hub: Hub): Promise<Me> {
  const known = asked.get(hub) ?? hub.get('/v1/me').then(({ body }) => meOf(body));
  asked.set(hub, known);
  known.catch(() => asked.delete(hub));
  return known;
}

/** What the page need not offer because it would be refused; nothing until it is known. */
export function useMe(): Me {
  const { hub } = useSignedIn();
  const [me, setMe] = useState(nothing);
  useEffect(() => {
    let isWanted = true;
    ask(hub).then(
      (known) => isWanted && setMe(known),
      () => undefined,
    );
    return () => void (isWanted = false);
  }, [hub]);
  return me;
}

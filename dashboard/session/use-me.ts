import { useEffect, useState } from 'react';
import type { Hub } from '@pursight/client';
import { type JsonRecord, recordOf, textsOf } from '../ui/json.ts';
import { useSignedIn } from './signed-in.ts';

/** What the hub lets somebody do somewhere; it decides again on every request. */
export interface Me {
  /** False until the hub has answered. */
  readonly isKnown: boolean;
  /** Names of the fields of assets that may be written. */
  readonly write: ReadonlySet<string>;
  readonly administers: boolean;
  readonly operates: boolean;
}

const nothing: Me = { isKnown: false, write: new Set(), administers: false, operates: false };
/** A hub that was away when it was asked is asked again. */
const againMs = 2000;
/** Asked once for a session. */
const asked = new WeakMap<Hub, Promise<Me>>();
const answered = new WeakMap<Hub, Me>();

function meOf(body: JsonRecord): Me {
  const { write, administer, operate } = recordOf(body['capabilities']);
  return {
    isKnown: true,
    write: new Set(textsOf(write)),
    administers: administer === true,
    operates: operate === true,
  };
}

function ask(hub: Hub): Promise<Me> {
  const known = asked.get(hub) ?? hub.get('/v1/me').then(({ body }) => meOf(body));
  known.then(
    (me) => answered.set(hub, me),
    () => undefined,
  );
  asked.set(hub, known);
  known.catch(() => asked.delete(hub));
  return known;
}

/** What the page need not offer because it would be refused; nothing until it is known. */
export function useMe(): Me {
  const { hub } = useSignedIn();
  const [me, setMe] = useState(answered.get(hub) ?? nothing);
  useEffect(() => {
    let isWanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const learn = (): void =>
      void ask(hub).then(
        (known) => isWanted && setMe(known),
        () => {
          if (isWanted) timer = setTimeout(learn, againMs);
        },
      );
    learn();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [hub]);
  return me;
}

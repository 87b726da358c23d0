import { NewerForm } from '../../channels/forms/form-of.ts';
import type { HubAdapters } from './hub-adapters.ts';

/** The same, with every rejection with {@link NewerForm} reported. */
export function tellingNewer<Port extends object>(port: Port, onNewer: (error: NewerForm) => void): Port {
  const tell = (error: unknown): never => {
    if (error instanceof NewerForm) onNewer(error);
    throw error;
  };
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, args);
        return answer instanceof Promise ? answer.catch(tell) : answer;
      };
    },
  });
}

/** The storage of a hub that stops when any caller reads what a newer release has stored. */
export function stoppingOnNewer(adapters: HubAdapters, onNewer: (error: NewerForm) => void): HubAdapters {
  const { store, journal } = adapters;
  return { ...adapters, store: tellingNewer(store, onNewer), journal: tellingNewer(journal, onNewer) };
}

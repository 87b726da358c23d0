import { conceptName } from '../catalog/concept-name.ts';
import { documentKinds, tagText } from '../event/head.ts';
import { HubError } from '../protocol/hub-error.ts';
import type { Filter } from './filter.ts';
import { writtenForms } from './written-forms.ts';

/**
 * Grammar of channel names:
 *
 *     name      = plain / keyed
 *     plain     = "assets" / "alerts" / "relationships" / "definitions" / "terms" / "domains" / "teams" / "runs" / "system"
 *     keyed     = ("asset" / "domain" / "alert" / "lineage" / "term" / "team") ":" value
 *               / "classification:" scheme "/" (tag / "*")
 *
 * `value` and `tag` are taken as they are and as what they are when percent-decoded, because both are written: an id as an
 * event names it, and one that was encoded to be put into the name. In `scheme` a `/` must be written `%2F` and a `%` as
 * `%25`, as tags of events are written. The tenant is never part of a name.
 */
export const channelForms = [
  'assets',
  'asset:<urn>',
  'domain:<id>',
  'classification:<scheme>/<name>',
  'classification:<scheme>/*',
  'alerts',
  'alert:<id>',
  'relationships',
  'lineage:<urn>',
  'definitions',
  'terms',
  'term:<urn>',
  'domains',
  'teams',
  'team:<urn>',
  'runs',
  'system',
] as const;

const loneSurrogate = /\p{Surrogate}/u;
/** Of a urn of which each character is percent-encoded. */
const maxNameLength = 3200;
function ofKind(kind: string): Filter {
  return { op: 'eq', field: 'kind', value: kind };
}

const plain: Readonly<Record<string, Filter>> = {
  ...Object.fromEntries(documentKinds.map((kind) => [`${kind}s`, ofKind(kind)])),
  runs: ofKind('run'),
  system: ofKind('system'),
};

function invalid(problem: string): HubError {
  return new HubError('invalid-channel', `channel: ${problem}; known forms: ${channelForms.join(', ')}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new HubError(
      'invalid-channel',
      'channel: "%" must begin a percent-encoded UTF-8 byte, write a plain one as %25',
      { cause },
    );
  }
}

function classification(value: string): Filter {
  const slash = value.indexOf('/');
  if (slash < 1 || slash === value.length - 1) throw invalid('a classification needs the form scheme/name or scheme/*');
  const scheme = decode(value.slice(0, slash));
  const name = value.slice(slash + 1);
  if (name === '*') return { op: 'startsWith', field: 'tags', value: tagText(scheme, '') };
  return oneOf(
    'tags',
    writtenForms(name).map((form) => tagText(scheme, form)),
  );
}

function oneOf(field: string, values: readonly string[]): Filter {
  const [value] = values;
  return values.length === 1 && value !== undefined ? { op: 'eq', field, value } : { op: 'in', field, values };
}

function named(field: string, value: string): Filter {
  return oneOf(field, writtenForms(value));
}

function keyed(form: string, value: string): Filter {
  switch (form) {
    case 'asset':
      return named('urn', value);
    case 'domain':
      return oneOf('domain', [...new Set(writtenForms(value).map((written) => conceptName('domain', written)))]);
    case 'alert':
    case 'term':
    case 'team':
      return { op: 'and', args: [ofKind(form), named('urn', value)] };
    case 'lineage':
      return { op: 'and', args: [ofKind('relationship'), named('refs', value)] };
    case 'classification':
      return classification(value);
    default:
      throw invalid('unknown channel');
  }
}

/**
 * The condition that a channel name stands for.
 * @throws HubError invalid-channel, with the list of known forms
 */
export function channelFilter(name: unknown): Filter {
  if (typeof name !== 'string' || name === '') throw invalid('must be a non-empty string');
  if (loneSurrogate.test(name)) throw invalid('contains half of a surrogate pair');
  if (name.length > maxNameLength) throw invalid(`must have at most ${maxNameLength} characters`);
  const simple = Object.hasOwn(plain, name) ? plain[name] : undefined;
  if (simple !== undefined) return simple;
  const colon = name.indexOf(':');
  if (colon < 1 || colon === name.length - 1)
    throw invalid(colon < 0 ? 'unknown channel' : 'a name is missing next to ":"');
  return keyed(name.slice(0, colon), name.slice(colon + 1));
}

import type { Check } from '../ports/check.ts';
import { HubError } from '../protocol/hub-error.ts';
import { assertDeclared } from './declared-forms.ts';

/** Whether this release reads what is stored; `text`: the setting of the catalog, undefined before the first start. */
export function checkForms(text: string | undefined): Check {
  const name = 'stored forms';
  try {
    assertDeclared(text);
    return { name, state: 'ok', found: text === undefined ? 'nothing is stored yet' : 'this release reads all' };
  } catch (thrown) {
    const { operatorMessage, message } = HubError.from(thrown);
    const fix = 'run the release that wrote it, or a newer one; see Updating in docs/operating.md';
    return { name, state: 'fail', found: operatorMessage ?? message, fix };
  }
}

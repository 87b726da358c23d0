import { documentLimits } from '../../../channels/catalog/limits.ts';
import { isJsonObject, type JsonValue } from '../../../channels/event/json.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { assertPlainJson } from '../../http/plain-json.ts';
import { faultyRow, type ImportRow, maxRowBytes } from './import-row.ts';

function textMember(name: string, value: JsonValue | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '' && value.length <= documentLimits.urnLength))
    return value;
  throw new HubError('invalid-request', `${name}: must be text`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HubError('invalid-json', 'row: must be a JSON object', { cause });
  }
}

function rowOf(text: string, line: number): ImportRow {
  try {
    const value = parsed(text);
    assertPlainJson(value);
    if (!isJsonObject(value)) throw new HubError('invalid-json', 'row: must be a JSON object');
    const { urn, etag, ...patch } = value;
    const named = { urn: textMember('urn', urn), etag: textMember('etag', etag) };
    return {
      line,
      ...(named.urn === undefined ? {} : { urn: named.urn }),
      ...(named.etag === undefined ? {} : { etag: named.etag }),
      patch,
    };
  } catch (error) {
    if (error instanceof HubError) return faultyRow(line, error);
    throw error;
  }
}

function tooLarge(line: number): HubError {
  return new HubError('message-too-large', `body: line ${line}: a row has at most ${maxRowBytes} bytes`);
}

/**
 * A row from each line that is not empty: a merge patch, with the urn and the etag beside it. A line that is no JSON is at fault
 * by itself. @throws HubError message-too-large
 */
export async function* ndjsonRows(text: AsyncIterable<string>): AsyncGenerator<ImportRow> {
  let [rest, line] = ['', 0];
  for await (const chunk of text) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const each of lines) {
      line += 1;
      if (each.length > maxRowBytes) throw tooLarge(line);
      if (each.trim() !== '') yield rowOf(each, line);
    }
    if (rest.length > maxRowBytes) throw tooLarge(line + 1);
  }
  if (rest.trim() !== '') yield rowOf(rest, line + 1);
}

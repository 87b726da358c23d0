import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { messageOf } from '../channels/base/thrown.ts';
import { HubError } from '../channels/protocol/hub-error.ts';

/** Text of a file, or of standard input for `-`. @throws HubError config-invalid */
export async function readInput(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new HubError('config-invalid', `FILE: cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

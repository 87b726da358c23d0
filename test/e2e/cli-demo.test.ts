import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli, startCli } from '../harness/run-cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pursight-test-'));
const environment = { TMPDIR: scratch };

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('pursight demo', () => {
  it('writes plain lines into a pipe, says what the viewer does not see, and leaves nothing behind', async () => {
    const { code, out, err } = await runCli(['demo', '--seconds', '4', '--speed', '10'], { environment });
    expect(err).toBe('');
    expect(out).toMatch(
      /^\d\d:\d\d:\d\d {2}table crm\.customers appeared with 5 columns on snowflake by ada {2}\[viewer: seen\]$/m,
    );
    expect(out).toMatch(/was classified pii\/\w+ \(suggested\) by scanner .* \[viewer: lost\]$/m);
    expect(out).toMatch(/incident ".*" opened on .* \[viewer: hidden\]$/m);
    expect(out).toMatch(
      /the steward saw \d+ events, the viewer \d+: [1-9]\d* were hidden by policy; [1-9]\d* assets carry pii\n$/,
    );
    expect(out).toMatch(/^LIVE SEARCH custoemr: [1-9]\d* FOUND, \d+ BY THE VIEWER: .*crm\.customers/m);
    expect(out).not.toContain('\u001B');
    expect(code).toBe(0);
    expect(readdirSync(scratch)).toEqual([]);
  });

  it('ends cleanly at SIGTERM', async () => {
    const demo = startCli(['demo', '--speed', '10'], { environment });
    await new Promise((resolve) =>
      demo.child.stdout?.on('data', (chunk: Buffer) => chunk.toString().includes('appeared') && resolve(undefined)),
    );
    demo.child.kill('SIGTERM');
    expect((await demo.ended).code).toBe(0);
    expect(readdirSync(scratch)).toEqual([]);
  });

  it('paints a screen on a terminal and gives it back', async () => {
    const command = `stty cols 110 rows 30; exec ${process.execPath} dist/cli/main.js demo --seconds 4 --speed 10`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, ...environment, TERM: 'xterm' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    const frames = out.split('\u001B[H').slice(1);
    expect(frames.length).toBeGreaterThan(5);
    // 4 seconds at five frames a second, and some for the start
    expect(frames.length).toBeLessThan(28);
    const last = frames.at(-1) ?? '';
    expect(last).toContain('ASSETS WITH PII NOW');
    expect(last).toMatch(/viewer bob \(no pii, no incidents\): \d+ events, \d+ assets, [1-9]\d* hidden by policy/);
    expect(last).toMatch(/LIVE SEARCH custoemr: [1-9]\d* FOUND, \d+ BY THE VIEWER/);
    expect(last).toContain('export PURSIGHT_URL=http://127.0.0.1:');
    expect(out.startsWith('\u001B[?1049h\u001B[?25l')).toBe(true);
    expect(out.lastIndexOf('\u001B[?1049l')).toBeGreaterThan(out.lastIndexOf('\u001B[H'));
    expect(code).toBe(0);
  });
});

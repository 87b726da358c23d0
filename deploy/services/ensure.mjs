import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atlasOn } from './atlas.mjs';
import { composeDown, composeUp, hasDocker } from './compose.mjs';
import { kafka } from './kafka.mjs';
import { mongo } from './mongo.mjs';
import { installPackages } from './packages.mjs';
import { freePort, stopProcess, waitUntilReady } from './process.mjs';
import { redis } from './redis.mjs';
import { isAlive, readState, withLock, writeState } from './state.mjs';

export const services = [kafka, mongo, redis];

/** Only for those who ask for it: it is large, and notifies by the Kafka that is there. */
function atlasWith(urls) {
  return atlasOn(() => urls.kafka);
}

/**
 * Makes every server available that this machine can have: by environment variable, by Docker compose, or as a process
 * of its own. Servers that run already are used as they are. Never rejects because a server cannot be had: its name is
 * then in `reasons` and not in `urls`.
 */
export async function ensureServices({ install = false, purpose = 'user', atlas = false, log = () => {} } = {}) {
  return withLock(async () => {
    const state = readState();
    state.users = [...state.users.filter(isAlive), ...(purpose === 'tests' ? [process.pid] : [])];
    if (install) await installPackages(services.filter(isNotGiven), log);
    const docker = services.some((service) => isNotGiven(service)) && (await hasDocker());
    const found = await Promise.all(services.map((service) => ensure(service, { state, docker, purpose, log })));
    const server = atlasWith(pick(found, 'url'));
    if (atlas) found.push(await ensure(server, { state, docker: false, purpose, log }));
    writeState(state);
    return {
      urls: pick(found, 'url'),
      reasons: pick(found, 'reason'),
    };
  });
}

/** Ends a test run's use: what test runs started is stopped when no other test run uses it. */
export async function releaseServices() {
  await withLock(async () => {
    const state = readState();
    state.users = state.users.filter((pid) => pid !== process.pid && isAlive(pid));
    if (state.users.length === 0) await stopWhere(state, (server) => server.purpose === 'tests');
    writeState(state);
  });
}

/** Stops everything that was started here and removes its data. */
export async function stopServices() {
  await withLock(async () => {
    const state = readState();
    await stopWhere(state, () => true);
    writeState(state);
  });
}

/** What is there now, without starting anything: one entry a server. */
export async function servicesStatus() {
  const state = readState();
  const optional = atlasWith({});
  const isThere = process.env[optional.variable] ?? state.servers[optional.name];
  return Promise.all(
    [...services, ...(isThere ? [optional] : [])].map(async (service) => {
      const given = process.env[service.variable];
      const server = given ? { url: given, how: 'environment' } : state.servers[service.name];
      if (server === undefined) return { name: service.name, up: false, how: '-', url: '-', note: 'not started' };
      const fault = await faultOf(service, server.url);
      return {
        name: service.name,
        up: fault === undefined,
        note: '',
        ...server,
        ...(fault && { note: fault.message }),
      };
    }),
  );
}

async function ensure(service, { state, docker, purpose, log }) {
  try {
    const server = await obtainServer(service, { known: state.servers[service.name], docker, log });
    const isNew = server !== state.servers[service.name];
    if (server.how !== 'environment') state.servers[service.name] = isNew ? { ...server, purpose } : server;
    // A server that somebody asked for by hand must survive the test runs that use it too.
    if (purpose === 'user' && state.servers[service.name]) state.servers[service.name].purpose = 'user';
    return { name: service.name, url: server.url };
  } catch (error) {
    return { name: service.name, reason: error.message };
  }
}

async function obtainServer(service, { known, docker, log }) {
  const given = process.env[service.variable];
  if (given) {
    const fault = await faultOf(service, given);
    if (fault !== undefined) throw new Error(`${service.variable}=${given} does not answer: ${fault.message}`);
    return { url: given, how: 'environment' };
  }
  if (known !== undefined) {
    if ((await faultOf(service, known.url)) === undefined) return known;
    await stop(service.name, known);
  }
  log(`starting ${service.name}`);
  return docker ? startInDocker(service) : startNative(service);
}

async function startInDocker(service) {
  const url = service.url(service.port);
  await composeUp(service.name);
  await waitUntilReady({ probe: () => service.probe(url), timeoutMs: service.readyTimeoutMs });
  return { url, how: 'docker' };
}

async function startNative(service) {
  await service.obtain();
  const port = await freePort(service.port);
  const url = service.url(port);
  const dir = mkdtempSync(join(tmpdir(), `pursight-${service.name}-`));
  const pid = await service.start(port, dir);
  try {
    await waitUntilReady({ probe: () => service.probe(url), pid, dir, timeoutMs: service.readyTimeoutMs });
  } catch (error) {
    await stop(service.name, { how: 'native', pid, dir });
    throw error;
  }
  return { url, how: 'native', pid, dir };
}

async function stopWhere(state, condition) {
  const chosen = Object.entries(state.servers).filter(([, server]) => condition(server));
  await Promise.all(chosen.map(([name, server]) => stop(name, server)));
  for (const [name] of chosen) delete state.servers[name];
}

async function stop(name, server) {
  if (server.how === 'docker') await composeDown(name);
  if (server.pid !== undefined) await stopProcess(server.pid);
  if (server.dir !== undefined) rmSync(server.dir, { recursive: true, force: true });
}

function isNotGiven(service) {
  return !process.env[service.variable];
}

async function faultOf(service, url) {
  return service.probe(url).then(
    () => undefined,
    (error) => error,
  );
}

function pick(found, field) {
  return Object.fromEntries(
    found.filter((entry) => entry[field] !== undefined).map((entry) => [entry.name, entry[field]]),
  );
}

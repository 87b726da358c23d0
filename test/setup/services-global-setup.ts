import type { TestProject } from 'vitest/node';
import { ensureServices, releaseServices } from '../../deploy/services/ensure.mjs';
import type { ProvidedServices } from './provided.ts';

/** Starts the servers that are not up yet and tells the tests where they are. */
export async function setup(project: TestProject): Promise<void> {
  const found = await ensureServices({ purpose: 'tests' });
  const services: ProvidedServices = { ...found, required: process.env['CI'] === 'true' };
  project.provide('services', services);
  for (const [name, reason] of Object.entries(services.reasons)) {
    console.log(`${services.required ? 'missing' : 'skipped'}: tests that need ${name}: ${reason}`);
  }
}

/** Stops what this run started, unless another test run uses it. */
export async function teardown(): Promise<void> {
  await releaseServices();
}

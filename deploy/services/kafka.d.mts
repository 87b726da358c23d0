import type { Service } from './service.d.mts';

export const kafka: Service;
export function prepareBroker(port: number, dir: string, advertisedPort?: number): Promise<void>;
export interface BrokerPlace {
  readonly port: number;
  readonly dir: string;
  /** What clients are told; the port itself if absent. */
  readonly advertisedPort?: number;
}
export function prepareCluster(brokers: readonly BrokerPlace[]): Promise<void>;
export function runBroker(dir: string): number;

export type ServiceName = 'kafka' | 'mongo' | 'redis';

export interface ServicesFound {
  readonly urls: Readonly<Partial<Record<ServiceName, string>>>;
  readonly reasons: Readonly<Partial<Record<ServiceName, string>>>;
}

export interface EnsureOptions {
  readonly install?: boolean;
  readonly purpose?: 'user' | 'tests';
  readonly log?: (line: string) => void;
}

export function ensureServices(options?: EnsureOptions): Promise<ServicesFound>;
export function releaseServices(): Promise<void>;

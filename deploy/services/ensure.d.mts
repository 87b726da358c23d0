export type ServiceName = 'kafka' | 'mongo' | 'redis' | 'atlas';

export interface ServicesFound {
  readonly urls: Readonly<Partial<Record<ServiceName, string>>>;
  readonly reasons: Readonly<Partial<Record<ServiceName, string>>>;
}

export interface EnsureOptions {
  readonly install?: boolean;
  readonly purpose?: 'user' | 'tests';
  /** Also the real Atlas server. @default false */
  readonly atlas?: boolean;
  readonly log?: (line: string) => void;
}

export function ensureServices(options?: EnsureOptions): Promise<ServicesFound>;
export function releaseServices(): Promise<void>;

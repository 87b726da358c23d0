export const kafka: {
  url(port: number): string;
  obtain(): Promise<void>;
  probe(url: string): Promise<void>;
};
export function prepareBroker(port: number, dir: string): Promise<void>;
export function runBroker(dir: string): number;

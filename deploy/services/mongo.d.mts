import type { Service } from './service.d.mts';

export const mongo: Service;

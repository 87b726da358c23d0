/** A column with the tag that a scanner would find in it. */
export interface ColumnPlan {
  readonly name: string;
  readonly type: string;
  readonly tag?: string;
}

/** Tables that the catalog of an invented retail bank is made of. */
export interface TablePlan {
  readonly schema: string;
  readonly name: string;
  readonly domain: string;
  readonly platform: string;
  readonly columns: readonly ColumnPlan[];
}

const column = (name: string, type: string, tag?: string): ColumnPlan => ({
  name,
  type,
  ...(tag === undefined ? {} : { tag }),
});

const customerId = column('customer_id', 'bigint');
const email = column('email', 'string', 'pii/email');
const phone = column('phone', 'string', 'pii/phone');
const iban = column('iban', 'string', 'pii/iban');
const amount = column('amount', 'decimal(12,2)');
const day = column('booking_day', 'date');

export const tablePlans: readonly TablePlan[] = [
  {
    schema: 'crm',
    name: 'customers',
    domain: 'retail',
    platform: 'snowflake',
    columns: [customerId, email, phone, column('birth_date', 'date', 'pii/birth_date'), column('segment', 'string')],
  },
  {
    schema: 'payments',
    name: 'transfers',
    domain: 'payments',
    platform: 'kafka',
    columns: [column('transfer_id', 'bigint'), iban, amount, day],
  },
  {
    schema: 'cards',
    name: 'card_payments',
    domain: 'payments',
    platform: 'snowflake',
    columns: [column('card_number', 'string', 'pii/card_number'), amount, column('merchant', 'string'), day],
  },
  {
    schema: 'lending',
    name: 'mortgages',
    domain: 'lending',
    platform: 'postgres',
    columns: [
      customerId,
      column('property_value', 'decimal(12,2)'),
      column('salary', 'decimal(10,2)', 'pii/income'),
      column('rate', 'decimal(5,3)'),
    ],
  },
  {
    schema: 'risk',
    name: 'credit_scores',
    domain: 'risk',
    platform: 'postgres',
    columns: [customerId, column('score', 'int'), column('model', 'string')],
  },
  {
    schema: 'marketing',
    name: 'newsletter',
    domain: 'marketing',
    platform: 'bigquery',
    columns: [email, column('opened_at', 'timestamp'), column('campaign', 'string')],
  },
  {
    schema: 'branch',
    name: 'opening_hours',
    domain: 'retail',
    platform: 'postgres',
    columns: [column('branch', 'string'), column('weekday', 'int'), column('opens', 'time')],
  },
  {
    schema: 'crm',
    name: 'complaints',
    domain: 'retail',
    platform: 'snowflake',
    columns: [customerId, column('text', 'string', 'pii/free_text'), column('received_at', 'timestamp')],
  },
  {
    schema: 'treasury',
    name: 'fx_rates',
    domain: 'treasury',
    platform: 'kafka',
    columns: [column('pair', 'string'), column('rate', 'decimal(10,6)'), day],
  },
  {
    schema: 'fraud',
    name: 'alerts_scored',
    domain: 'risk',
    platform: 'kafka',
    columns: [
      column('transfer_id', 'bigint'),
      column('ip_address', 'string', 'pii/ip_address'),
      column('score', 'double'),
    ],
  },
  {
    schema: 'finance',
    name: 'general_ledger',
    domain: 'finance',
    platform: 'oracle',
    columns: [column('account', 'string'), amount, day],
  },
  {
    schema: 'lending',
    name: 'loan_applications',
    domain: 'lending',
    platform: 'postgres',
    columns: [customerId, phone, amount, column('decision', 'string')],
  },
];

/** Tables of the warehouse that Apache Atlas reports. */
export const atlasTables = [
  'dwh.accounts_daily',
  'dwh.balances',
  'dwh.interest',
  'dwh.branches',
  'dwh.products',
  'dwh.regulatory_report',
] as const;
export const atlasTags = ['CONFIDENTIAL', 'RETENTION_10Y', 'REGULATORY'] as const;

export const people = ['ada', 'bruno', 'chiara', 'dmitri', 'emeka', 'farah'] as const;

export interface CheckPlan {
  readonly check: string;
  readonly message: string;
  readonly incident: string;
  readonly severity: number;
}

export const checkPlans: readonly CheckPlan[] = [
  { check: 'freshness', message: 'no load for 6 hours', incident: 'Stale data', severity: 17 },
  { check: 'row_count', message: '0 rows since midnight', incident: 'Empty load', severity: 19 },
  { check: 'null_rate', message: '41 % empty values, usual are 2 %', incident: 'Missing values', severity: 13 },
  { check: 'duplicates', message: '1 204 keys are there twice', incident: 'Duplicate keys', severity: 13 },
];

export const descriptions = [
  'One row per customer and day',
  'Booked and cleared only',
  'Loaded every night at 02:00',
  'Source of the monthly report',
] as const;

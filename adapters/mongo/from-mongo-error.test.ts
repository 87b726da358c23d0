import {
  BSON,
  MongoAPIError,
  MongoBulkWriteError,
  MongoClient,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoNotConnectedError,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  type TopologyDescription,
} from 'mongodb';
import { describe, expect, it } from 'vitest';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { fromMongoError, isDuplicateKey, translated } from './from-mongo-error.ts';

const server = (code: number, errmsg = `code ${code}`) => new MongoServerError({ code, errmsg, message: errmsg });
const noTopology = { servers: new Map() } as unknown as TopologyDescription;
const duplicate = 'E11000 duplicate key error';
const bulk = (code: number) =>
  new MongoBulkWriteError({ message: duplicate, code, writeErrors: [] }, {
    insertedCount: 0,
  } as unknown as ConstructorParameters<typeof MongoBulkWriteError>[1]);

describe('fromMongoError', () => {
  it.each<[string, Error, string]>([
    [
      'no server that fits',
      new MongoServerSelectionError('connect ECONNREFUSED 127.0.0.1:1', noTopology),
      'storage-unavailable',
    ],
    ['a lost connection', new MongoNetworkError('connection 4 to 127.0.0.1:1 closed'), 'storage-unavailable'],
    [
      'a connection that breaks while it is written to',
      Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'write' }),
      'storage-unavailable',
    ],
    ['a silent server', new MongoNetworkTimeoutError('connection timed out'), 'storage-unavailable'],
    ['a client that is not connected', new MongoNotConnectedError('Client must be connected'), 'storage-unavailable'],
    ['a closed topology', new MongoTopologyClosedError('Topology is closed'), 'storage-unavailable'],
    ['a primary that stepped down', server(10_107, 'not primary'), 'storage-unavailable'],
    ['a shutdown', server(11_600), 'storage-unavailable'],
    ['a write concern that timed out', server(64, 'waiting for replication timed out'), 'storage-unavailable'],
    ['a disk that is full', server(14_031), 'storage-unavailable'],
    ['missing rights', server(13, 'not authorized'), 'storage-unavailable'],
    ['a wrong password', server(18, 'Authentication failed.'), 'storage-unavailable'],
    ['a duplicate key', server(11_000, duplicate), 'conflict'],
    ['a duplicate key in a bulk write', bulk(11_000), 'conflict'],
    ['a write conflict', server(112, 'WriteConflict error'), 'conflict'],
    ['an object that is too large', server(10_334, 'BSONObj size is invalid'), 'limit-exceeded'],
    [
      'an object that became too large',
      server(17_419, 'Resulting document after update is larger than 16777216'),
      'limit-exceeded',
    ],
    [
      'a document that the driver will not send',
      new MongoInvalidArgumentError('Document is larger than the maximum size 16777216'),
      'limit-exceeded',
    ],
    ['a document beyond the encoder', new BSON.BSONError('Document exceeds maximum BSON size'), 'limit-exceeded'],
    [
      'a bad URL',
      new MongoParseError('Invalid scheme, expected connection string to start with "mongodb://"'),
      'config-invalid',
    ],
  ])('%s', (_, error, code) => {
    const translation = fromMongoError(error);
    expect(translation).toBeInstanceOf(HubError);
    expect(translation).toMatchObject({ code, cause: error });
  });

  it.each<[string, unknown]>([
    ['a HubError', new HubError('conflict', 'known')],
    ['a bug of ours', new TypeError('x is not a function')],
    ['a misuse of the driver', new MongoInvalidArgumentError('Argument "docs" must be an array')],
    ['another misuse of the driver', new MongoAPIError('Cannot use a session that has ended')],
    ['something that is no error', 'text'],
  ])('leaves %s alone', (_, thrown) => {
    expect(fromMongoError(thrown)).toBe(thrown);
  });

  it('knows duplicate keys', () => {
    expect([server(11_000), bulk(11_000), server(112), new Error(duplicate)].map(isDuplicateKey)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('translates what the driver really throws for a URL that is none', async () => {
    await expect(translated(async () => new MongoClient('http://example.test'))).rejects.toMatchObject({
      code: 'config-invalid',
    });
    await expect(translated(async () => 7)).resolves.toBe(7);
  });
});

it('P9: what the driver says of servers goes to operators only', () => {
  const error = HubError.from(fromMongoError(new MongoNetworkError('connection 4 to mongo-7.internal:27017 closed')));
  expect(JSON.stringify(error.toWire())).not.toContain('mongo-7');
  expect(error.operatorMessage).toContain('mongo-7.internal:27017');
});

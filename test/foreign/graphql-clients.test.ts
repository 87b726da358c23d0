import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { cacheExchange, Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { getIntrospectionQuery, OperationTypeNode, parse } from 'graphql';
import { type Client as SocketClient, createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { enginesHere } from '../harness/engines.ts';
import { eventually } from '../harness/eventually.ts';
import { socketClient } from '../harness/graphql-socket.ts';
import { StreamHub, stewardToken, urnOf } from '../harness/stream-hub.ts';

const names = 'query ($filter: JSON) { assets(filter: $filter, first: 5) { nodes { urn name } } }';
const changes = 'subscription ($channel: String!) { changes(channel: $channel) { kind subject } }';

interface Assets {
  readonly assets: { readonly nodes: readonly { readonly name: string }[] };
}

interface Changes {
  readonly changes: { readonly subject: string };
}

describe.each(await enginesHere())('S12 GraphQL clients as they come, on %s', (engine) => {
  const hub = new StreamHub({ PURSIGHT_WS_ENGINE: engine });
  const authorization = `Bearer ${stewardToken}`;
  const sockets: SocketClient[] = [];
  const socket = (): SocketClient => {
    const client = socketClient(hub.url, stewardToken);
    sockets.push(client);
    return client;
  };
  beforeAll(async () => {
    await hub.start();
    await hub.put('orders');
  });
  afterAll(async () => {
    for (const client of sockets) await client.dispose();
    await hub.dispose();
  });

  /** Changes until one has been heard. */
  async function heard(subjects: readonly string[]): Promise<void> {
    let round = 0;
    await eventually(
      async () => {
        await hub.put(`heard-${++round}`);
        expect(subjects.some((subject) => subject.startsWith(urnOf('heard-')))).toBe(true);
      },
      { everyMs: 100 },
    );
  }

  it('Apollo', async () => {
    const http = new HttpLink({ uri: `${hub.url}/graphql`, headers: { authorization } });
    const link = ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket()),
      http,
    );
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const { data } = await client.query<Assets>({ query: gql(names), variables: { filter: { name: 'orders' } } });
    expect(data?.assets.nodes.map(({ name }) => name)).toEqual(['orders']);
    const subjects: string[] = [];
    const subscription = client
      .subscribe<Changes>({ query: gql(changes), variables: { channel: 'assets' } })
      .subscribe(({ data: change }) => subjects.push(change?.changes.subject ?? ''));
    await heard(subjects);
    subscription.unsubscribe();
    client.stop();
  });

  it('urql', async () => {
    const transport = socket();
    const client = new Client({
      url: `${hub.url}/graphql`,
      fetchOptions: { headers: { authorization } },
      preferGetMethod: false,
      exchanges: [
        cacheExchange,
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables }) => ({
            subscribe: (sink) => ({
              unsubscribe: transport.subscribe(
                { query, ...(variables === undefined ? {} : { variables }) },
                {
                  next: ({ data: change }) => sink.next({ data: change ?? null }),
                  error: (error) => sink.error(error),
                  complete: () => sink.complete(),
                },
              ),
            }),
          }),
        }),
      ],
    });
    const { data } = await client.query<Assets>(names, { filter: { name: 'orders' } }).toPromise();
    expect(data?.assets.nodes.map(({ name }) => name)).toEqual(['orders']);
    const subjects: string[] = [];
    const { unsubscribe } = client
      .subscription<Changes>(changes, { channel: 'assets' })
      .subscribe(({ data: change }) => subjects.push(change?.changes.subject ?? ''));
    await heard(subjects);
    unsubscribe();
  });

  it('what GraphiQL asks with: introspection, a query, a subscription', async () => {
    const fetcher = createGraphiQLFetcher({
      url: `${hub.url}/graphql`,
      headers: { authorization },
      fetch,
      wsClient: createClient({
        url: `${hub.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization },
      }),
    });
    const schema = await fetcher({ query: getIntrospectionQuery(), operationName: 'IntrospectionQuery' });
    expect(schema).toMatchObject({ data: { __schema: { subscriptionType: { name: 'Subscription' } } } });
    const answer = (await fetcher({ query: '{ me { sub } }' })) as AsyncIterator<unknown>;
    expect((await answer.next()).value).toMatchObject({ data: { me: { sub: expect.any(String) } } });
    const results = await fetcher(
      { query: changes, variables: { channel: 'assets' } },
      { documentAST: parse(changes) },
    );
    const subjects: string[] = [];
    const reading = (async () => {
      for await (const result of results as AsyncIterable<{ data: Changes }>)
        subjects.push(result.data.changes.subject);
    })();
    await heard(subjects);
    await (results as AsyncGenerator).return(undefined);
    await reading;
  });
});

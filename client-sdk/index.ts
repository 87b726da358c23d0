export { createHub, type HubOptions } from './hub/create-hub.ts';
export type { Hub, HubEvents, HubStatus } from './hub/hub.ts';
export { HubClientError, type HubClientErrorDetails } from './hub-client-error.ts';
export type { ChannelOptions, GapReason, Subscription, SubscriptionEvents } from './subscription/subscription.ts';
export type { FeedEvent, FeedField, ViewItem, ViewShape } from './subscription/shaped.ts';
export type { View, ViewChange, ViewEvents, ViewOptions, ViewSnapshot, ViewStatus } from './view/view.ts';
export type {
  HubSearch,
  LiveSearch,
  SearchEvents,
  SearchOptions,
  SearchQueryChange,
  SearchResult,
  SearchSnapshot,
  SearchStatus,
} from './search/search.ts';
export type { BackoffBounds } from './connection/backoff.ts';
export type { WebSocketConstructor } from './connection/link.ts';
export type { TokenSource } from './connection/token-source.ts';
export type {
  NoticeMessage,
  AnyWireEvent,
  AnyWireItem,
  EnterEvent,
  LeaveEvent,
  ShapedEvents,
  UpdateEvent,
  WireChange,
  WireChanges,
  WireEvent,
  WireEventBase,
  WireItem,
} from '../channels/protocol/down.ts';
export type {
  FacetField,
  SearchChange,
  SearchEnter,
  SearchFacetCount,
  SearchFacets,
  SearchHighlight,
  SearchHit,
  SearchLeave,
  SearchMove,
  SearchQuery,
  SearchTotal,
  SearchUpdate,
  SortField,
} from '../channels/protocol/search.ts';
export type { WireEntity, WireHead, WireName } from '../channels/protocol/entity.ts';
export type {
  ConceptDocument,
  DomainDocument,
  TeamDocument,
  TermDocument,
  WireOwner,
} from '../channels/protocol/concepts.ts';
export type {
  Impact,
  ImpactGroup,
  Lineage,
  LineageCut,
  LineageEdge,
  LineageNode,
} from '../channels/protocol/lineage.ts';
export type { DocumentField, Field, HeadField } from '../channels/protocol/fields.ts';
export type { ResumeReason, Shape } from '../channels/protocol/up.ts';
export type { ErrorCode } from '../channels/protocol/error-code.ts';
export type { JsonObject, JsonValue } from '../channels/event/json.ts';
export type { HubAnswer, HubBodyOptions, HubMethod, HubRequestOptions, HubRest } from './rest/rest.ts';

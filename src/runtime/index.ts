/**
 * The runtime by its public names: clients and servers of Varlink interfaces,
 * the transports under them, and the errors they throw.
 *
 * @packageDocumentation
 */
export {
  DeclaredError,
  PortolanError,
  VarlinkError,
  type ErrorCode,
  type ErrorParameters,
  type VarlinkErrorOptions,
} from "./errors.ts";
export { parseAddress, type AddressOptions } from "./transport/address.ts";
export type { Endpoint, Listener } from "./transport/endpoint.ts";
export {
  memoryEndpoint,
  type MemoryEndpointOptions,
} from "./transport/memory.ts";
export { tcpEndpoint } from "./transport/tcp.ts";
export { unixEndpoint, type UnixEndpointOptions } from "./transport/unix.ts";
export {
  Client,
  VarlinkClient,
  type ClientCloseOptions,
  type GetInfoReply,
} from "./varlink/client.ts";
export type {
  InterfaceDescriptor,
  FieldTypes,
  MethodDescriptor,
} from "./varlink/descriptor.ts";
export type { CallEvent, ConnectionEvent } from "./varlink/diagnostics.ts";
export type { ServiceInfo } from "./varlink/introspection.ts";
export type { ClientOptions, ConnectOptions } from "./varlink/options.ts";
export type { ReplyMode } from "./varlink/schema.ts";
export {
  INTERNAL_ERROR,
  VarlinkServer,
  type CloseOptions,
  type ServerCallEvent,
  type ServerErrorContext,
  type VarlinkServerOptions,
} from "./varlink/server.ts";
export { service, type Service } from "./varlink/service.ts";
export {
  ExpectedMore,
  ExpectedUpgrade,
  InterfaceNotFound,
  InvalidParameter,
  MethodNotFound,
  MethodNotImplemented,
  PermissionDenied,
} from "./varlink/standard.ts";
export type {
  Any,
  Call,
  CallOptions,
  Dict,
  Empty,
  Handler,
  HandlerResult,
  Json,
  JsonArray,
  JsonObject,
  Method,
  MethodTypes,
  Open,
  Stream,
  StreamMethod,
  StreamOptions,
  StreamReply,
} from "./varlink/types.ts";

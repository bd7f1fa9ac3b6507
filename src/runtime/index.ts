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
export {
  EnvelopeServer,
  type EnvelopeServerCallEvent,
  type EnvelopeServerOptions,
} from "./envelope/server.ts";
export type {
  EnvelopeDescriptor,
  EnvelopeMethodDescriptor,
} from "./envelope/descriptor.ts";
export { envelopeService, type EnvelopeService } from "./envelope/service.ts";
export { EnvelopeClient } from "./envelope/client.ts";
export type {
  EnvelopeCallEvent,
  EnvelopeLostEvent,
} from "./envelope/client/diagnostics.ts";
export type {
  EnvelopeClientOptions,
  EnvelopeConnectOptions,
} from "./envelope/client/options.ts";
export { EnvelopeError, type EnvelopeErrorOptions } from "./envelope/error.ts";
export type {
  Command,
  CommandCall,
  CommandHandler,
  CommandOptions,
  CommandReply,
  CommandTypes,
  EnvelopeConnection,
  Subscription,
  SubscriptionHandler,
  SubscriptionOptions,
} from "./envelope/types.ts";
export { ProtobufError } from "./protobuf/error.ts";
export type {
  DecodeOptions,
  EncodeOptions,
  Message,
  MessageType,
} from "./protobuf/message.ts";
export type {
  TapEvent,
  TappedCall,
  TappedClose,
  TappedGap,
  TappedOpen,
  TappedReply,
  TappedViolation,
} from "./proxy/events.ts";
export { formatTapped, type FormatTappedOptions } from "./proxy/format.ts";
export {
  Relay,
  type RelayedPlaces,
  type RelayOptions,
  relayStreams,
  type RelayStreamsOptions,
  type RelayTap,
  type RelayTapConnection,
} from "./proxy/relay.ts";
export { VarlinkTap, type VarlinkTapOptions } from "./proxy/tap.ts";
export { rawFields, type RawField } from "./protobuf/raw-fields.ts";
export {
  findService,
  listRegistry,
  registryEndpoint,
  type RegistryEntry,
} from "./registry/lookup.ts";
export type { RegistryOptions, RegistryScope } from "./registry/places.ts";
export { type Publication, publishService } from "./registry/publish.ts";
export {
  activatedEndpoints,
  type ActivationOptions,
} from "./transport/activation.ts";
export { parseAddress, type AddressOptions } from "./transport/address.ts";
export { bridgeEndpoint, type BridgeOptions } from "./transport/bridge.ts";
export {
  CommandFailed,
  type CommandEnd,
  type ProcessOptions,
} from "./transport/command.ts";
export {
  descriptorEndpoint,
  type DescriptorOptions,
} from "./transport/descriptor.ts";
export type { Endpoint, Listener } from "./transport/endpoint.ts";
export { execEndpoint, type ExecOptions } from "./transport/exec.ts";
export {
  memoryEndpoint,
  type MemoryEndpointOptions,
} from "./transport/memory.ts";
export {
  helperEndpoint,
  pathEndpoint,
  type PathEndpointOptions,
} from "./transport/path.ts";
export {
  registerScheme,
  type AddressParts,
  type SchemeOptions,
  type SchemeParser,
} from "./transport/schemes.ts";
export {
  sshExecEndpoint,
  sshUnixEndpoint,
  type SshOptions,
} from "./transport/ssh.ts";
export { stdioEndpoint } from "./transport/stdio.ts";
export { tcpEndpoint, type TcpEndpointOptions } from "./transport/tcp.ts";
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
export type { CallReading, ReplyMode } from "./varlink/schema.ts";
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
  ExactAny,
  ExactArray,
  ExactJson,
  ExactObject,
  Handler,
  HandlerResult,
  Json,
  JsonArray,
  JsonObject,
  Method,
  MethodTypes,
  Open,
  Stream,
  StreamHandler,
  StreamHandlerResult,
  StreamMethod,
  StreamOptions,
  StreamReply,
  Upgraded,
  UpgradeHandler,
  UpgradeHandlerResult,
  UpgradeMethod,
  UpgradeReply,
} from "./varlink/types.ts";

import type { InterfaceDescriptor } from "./descriptor.ts";
import {
  InterfaceNotFound,
  MethodNotImplemented,
  SERVICE_INTERFACE,
} from "./standard.ts";
import { service, type Service } from "./service.ts";
import type { Call } from "./types.ts";

/** What a service says of itself (`GetInfo`). */
export interface ServiceInfo {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly url: string;
}

/** `org.varlink.service`, which every Varlink service has (UAPI.20). */
export const serviceDescriptor: InterfaceDescriptor = {
  interface: SERVICE_INTERFACE,
  types: {},
  methods: {
    GetInfo: {
      input: {},
      output: {
        vendor: "string",
        product: "string",
        version: "string",
        url: "string",
        interfaces: "[]string",
      },
    },
    GetInterfaceDescription: {
      input: { interface: "string" },
      output: { description: "string" },
    },
  },
  errors: {
    InterfaceNotFound: { interface: "string" },
    MethodNotFound: { method: "string" },
    MethodNotImplemented: { method: "string" },
    InvalidParameter: { parameter: "string" },
    PermissionDenied: {},
    ExpectedMore: {},
    ExpectedUpgrade: {},
  },
  description: [
    "# What every Varlink service answers: who it is, and which interfaces it has.",
    "interface org.varlink.service",
    "",
    "# Who made the service, and the names of its interfaces, this one among them.",
    "method GetInfo() -> (",
    "  vendor: string,",
    "  product: string,",
    "  version: string,",
    "  url: string,",
    "  interfaces: []string",
    ")",
    "",
    "# The definition of one interface, as text in Varlink's interface language.",
    "method GetInterfaceDescription(interface: string) -> (description: string)",
    "",
    "# The service has no interface of this name.",
    "error InterfaceNotFound (interface: string)",
    "",
    "# The interface has no method of this name.",
    "error MethodNotFound (method: string)",
    "",
    "# The interface has the method, but this service does not implement it.",
    "error MethodNotImplemented (method: string)",
    "",
    "# A parameter of the call is missing, unknown or has a value that it cannot have.",
    "error InvalidParameter (parameter: string)",
    "",
    "# The caller may not do this.",
    "error PermissionDenied ()",
    "",
    "# The method has to be called with the `more` flag.",
    "error ExpectedMore ()",
    "",
    "# The method has to be called with the `upgrade` flag.",
    "error ExpectedUpgrade ()",
    "",
  ],
};

/** What introspection needs to know of the interfaces of a server. */
export interface InterfaceDirectory {
  readonly names: readonly string[];
  descriptor(name: string): InterfaceDescriptor | undefined;
}

/** Answers `org.varlink.service` from what is registered at the time of the call. */
export function introspection(
  info: ServiceInfo,
  directory: InterfaceDirectory,
): Service {
  const { vendor, product, version, url } = info;
  return service(serviceDescriptor, {
    getInfo(_input: object, call: Call) {
      refuseUpgrade(call);
      return { vendor, product, version, url, interfaces: directory.names };
    },
    getInterfaceDescription(
      { interface: name }: { readonly interface: string },
      call: Call,
    ) {
      refuseUpgrade(call);
      const descriptor = directory.descriptor(name);
      if (descriptor === undefined)
        throw new InterfaceNotFound({ interface: name });
      const text = descriptor.description.join("\n");
      // A comment needs its line end, and old parsers a last one.
      return { description: text.endsWith("\n") ? text : `${text}\n` };
    },
  });
}

/** There is nothing else to speak after these. */
function refuseUpgrade({ upgrade, method }: Call): void {
  if (upgrade) throw new MethodNotImplemented({ method });
}

// What containers may share: the namespaces of Linux, by libpod's names.

/** Message queues, semaphores and shared memory. */
export const IPCNamespace = "ipc";
/** Filesystems that are mounted. */
export const MountNamespace = "mount";
/** Interfaces, addresses and ports. */
export const NetNamespace = "net";
/** Processes, and their numbers. */
export const PIDNamespace = "pid";
/** Users and groups, and their numbers. */
export const UserNamespace = "user";
/** The host's name. */
export const UTSNamespace = "uts";

/** The name of a namespace. */
export type Namespace =
  | typeof IPCNamespace
  | typeof MountNamespace
  | typeof NetNamespace
  | typeof PIDNamespace
  | typeof UserNamespace
  | typeof UTSNamespace;

/** What is put before an image's name to look for it in a registry first. */
export const DefaultRegistry = "docker://";

/** The transport of archives as `docker save` writes them: `docker-archive:/path`. */
export const DockerArchive = "docker-archive";
/** The transport of archives in the OCI image layout: `oci-archive:/path`. */
export const OCIArchive = "oci-archive";

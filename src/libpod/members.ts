import type {
  AttachOptions,
  CommitOptions,
  CopyOptions,
  ExecOptions,
  ImportOptions,
  LogOptions,
  OperationOptions,
  PullOptions,
  RegistryOptions,
} from "./engine.ts";

/**
 * Which members there are in the options of the methods of the objects: what is
 * misspelt would be ignored. The types see to it that none is forgotten here.
 */

type Flags<T> = Readonly<Record<keyof T, true>>;

const operation: Flags<OperationOptions> = { signal: true, timeout: true };

/** The members of options, those that every operation takes after its own. */
export function membersOf<T extends object>(
  own: Flags<Omit<T, keyof OperationOptions>>,
): readonly string[] {
  return Object.keys({ ...own, ...operation });
}

const copyFlags: Flags<Omit<CopyOptions, keyof OperationOptions>> = {
  compression: true,
  registry: true,
  signing: true,
  signaturePolicyPath: true,
};

/** Of what takes a signal and a time limit, and nothing else. */
export const operationMembers: readonly string[] = Object.keys(operation);

/** Of {@link AttachOptions}. */
export const attachMembers: readonly string[] = membersOf<AttachOptions>({
  tty: true,
  stdin: true,
  start: true,
});

/** Of {@link ExecOptions}, but the command, which is given by itself. */
export const execMembers: readonly string[] = membersOf<
  Omit<ExecOptions, "command">
>({
  env: true,
  user: true,
  workDir: true,
  privileged: true,
  tty: true,
  stdin: true,
});

/** Of {@link CommitOptions}. */
export const commitMembers: readonly string[] = membersOf<CommitOptions>({
  image: true,
  changes: true,
  author: true,
  message: true,
  pause: true,
  format: true,
});

/** Of {@link LogOptions}. */
export const logMembers: readonly string[] = membersOf<LogOptions>({
  follow: true,
  tail: true,
  since: true,
});

/** Of {@link CopyOptions}. */
export const copyMembers: readonly string[] = membersOf<CopyOptions>(copyFlags);

/** Of {@link PullOptions}. */
export const pullMembers: readonly string[] = membersOf<PullOptions>({
  ...copyFlags,
  allTags: true,
});

/** Of {@link ImportOptions}. */
export const importMembers: readonly string[] = membersOf<ImportOptions>({
  reference: true,
  message: true,
  changes: true,
});

const registryFlags: Flags<RegistryOptions> = {
  tlsVerify: true,
  username: true,
  password: true,
};

/** Of {@link RegistryOptions}. */
export const registryMembers: readonly string[] = Object.keys(registryFlags);

const signingFlags: Flags<NonNullable<CopyOptions["signing"]>> = {
  removeSignatures: true,
  signBy: true,
};

/** Of {@link CopyOptions.signing}. */
export const signingMembers: readonly string[] = Object.keys(signingFlags);

/** Of what is forced: removing, unmounting. */
export const forceMembers: readonly string[] = membersOf<{ force: unknown }>({
  force: true,
});

/** Of the removal of a container. */
export const removalMembers: readonly string[] = membersOf<{
  force: unknown;
  volumes: unknown;
}>({ force: true, volumes: true });

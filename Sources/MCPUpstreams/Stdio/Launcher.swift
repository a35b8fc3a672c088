/// Programs that fetch a server before they start it, so that its first answer takes longer (T-32).
enum Launcher {
    private static let names: Set<String> = [
        "bun", "bunx", "deno", "docker", "nerdctl", "nix", "npm", "npx", "pipx", "pnpm", "podman", "uv", "uvx", "yarn",
    ]

    static func isOne(_ command: String) -> Bool {
        names.contains(command.split(separator: "/").last.map(String.init) ?? command)
    }
}

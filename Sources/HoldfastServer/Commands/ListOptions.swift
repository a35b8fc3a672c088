import ArgumentParser

/// How lists are cut into pages, and for how long clients may keep them.
struct ListOptions: ParsableArguments {
    @Option(name: .setting(.listPageSize), help: Setting.listPageSize.argumentHelp)
    var listPageSize: String?

    @Option(name: .setting(.toolsCacheTTL), help: Setting.toolsCacheTTL.argumentHelp)
    var toolsCacheTTL: String?

    @Option(name: .setting(.toolsCacheScope), help: Setting.toolsCacheScope.argumentHelp)
    var toolsCacheScope: String?

    @Option(name: .setting(.promptsCacheTTL), help: Setting.promptsCacheTTL.argumentHelp)
    var promptsCacheTTL: String?

    @Option(name: .setting(.promptsCacheScope), help: Setting.promptsCacheScope.argumentHelp)
    var promptsCacheScope: String?

    @Option(name: .setting(.resourcesCacheTTL), help: Setting.resourcesCacheTTL.argumentHelp)
    var resourcesCacheTTL: String?

    @Option(name: .setting(.resourcesCacheScope), help: Setting.resourcesCacheScope.argumentHelp)
    var resourcesCacheScope: String?

    @Option(name: .setting(.templatesCacheTTL), help: Setting.templatesCacheTTL.argumentHelp)
    var templatesCacheTTL: String?

    @Option(name: .setting(.templatesCacheScope), help: Setting.templatesCacheScope.argumentHelp)
    var templatesCacheScope: String?

    @Option(name: .setting(.discoverCacheTTL), help: Setting.discoverCacheTTL.argumentHelp)
    var discoverCacheTTL: String?

    @Option(name: .setting(.discoverCacheScope), help: Setting.discoverCacheScope.argumentHelp)
    var discoverCacheScope: String?

    var given: [(Setting, String?)] {
        [
            (.listPageSize, listPageSize),
            (.toolsCacheTTL, toolsCacheTTL),
            (.toolsCacheScope, toolsCacheScope),
            (.promptsCacheTTL, promptsCacheTTL),
            (.promptsCacheScope, promptsCacheScope),
            (.resourcesCacheTTL, resourcesCacheTTL),
            (.resourcesCacheScope, resourcesCacheScope),
            (.templatesCacheTTL, templatesCacheTTL),
            (.templatesCacheScope, templatesCacheScope),
            (.discoverCacheTTL, discoverCacheTTL),
            (.discoverCacheScope, discoverCacheScope),
        ]
    }
}

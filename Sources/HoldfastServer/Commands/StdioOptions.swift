import ArgumentParser

/// The options of `stdio`: those of `serve` that mean something without HTTP.
package struct StdioOptions: ParsableArguments {
    package init() {}

    @OptionGroup(title: "Data") var store: StoreOptions
    @OptionGroup(title: "Server") var offer: OfferOptions
    @OptionGroup(title: "Upstreams") var upstreams: UpstreamOptions
    @OptionGroup(title: "Sessions") var graces: GraceOptions
    @OptionGroup(title: "Lists") var lists: ListOptions
    @OptionGroup(title: "Limits") var work: WorkOptions
    @OptionGroup(title: "Tasks") var tasks: TaskOptions

    /// What was given, by the name of the setting.
    package var given: [String: String] {
        [store.given, offer.given, upstreams.given, graces.given, lists.given, work.given, tasks.given].byName
    }
}

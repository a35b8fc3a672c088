package import Configuration
import Synchronization

/// Remembers what the reader was last asked, so that an error can say where a value came from.
package final class SettingOrigins: AccessReporter {
    static let commandLine = "command line"
    static let file = "YAML file"

    private let file: String?
    private let last = Mutex<AccessEvent?>(nil)

    init(file: String?) {
        self.file = file
    }

    package func report(_ event: AccessEvent) {
        last.withLock { $0 = event }
    }

    /// Where the value of the last question was found, or the source that could not answer it; nil when no source had one.
    func lastOrigin(of setting: Setting) -> String? {
        guard let event = last.withLock({ $0 }) else { return nil }
        for provider in event.providerResults {
            switch provider.result {
            case .success(let found) where found.value == nil: continue
            case .success(let found): return name(provider.providerName, key: found.encodedKey, setting)
            case .failure: return name(provider.providerName, key: setting.variable, setting)
            }
        }
        return nil
    }

    private func name(_ provider: String, key: String, _ setting: Setting) -> String {
        if provider.contains(Self.commandLine) { return "--\(setting.name)" }
        if let file, provider.contains(Self.file) { return file }
        return key
    }
}

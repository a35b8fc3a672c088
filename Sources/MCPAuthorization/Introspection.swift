import FoundationEssentials
import MCPProtocol
import Synchronization

/// Asks the issuer about a token (RFC 7662), as the client that the issuer knows this server as.
package final class Introspection: Sendable {
    private let client: String
    private let documents: IssuerDocument
    /// Reads the client's secret; it may be renewed while the server runs.
    private let read: @Sendable () throws -> String
    private let secret: Mutex<String?>

    /// - Parameter read: Called the first time, and again when the issuer refuses the secret.
    package init(
        client: String, documents: IssuerDocument.Limits, secret read: @escaping @Sendable () throws -> String
    ) {
        self.client = client
        self.documents = IssuerDocument(limits: documents)
        self.read = read
        secret = Mutex(nil)
    }

    /// The claims of an active token; nil for any other.
    func claims(of token: String, at metadata: IssuerMetadata) async throws(IssuerDocument.Failure) -> JSON? {
        guard let url = metadata.introspection else {
            throw IssuerDocument.Failure("the issuer's metadata has no introspection_endpoint")
        }
        let used = try current(after: nil)
        do {
            return try await ask(about: token, at: url, with: used, metadata)
        } catch {
            guard error.status == 401, case let renewed = try current(after: used), renewed != used else {
                throw refused(error)
            }
            do {
                return try await ask(about: token, at: url, with: renewed, metadata)
            } catch { throw refused(error) }
        }
    }

    private func ask(
        about token: String, at url: String, with secret: String, _ metadata: IssuerMetadata
    ) async throws(IssuerDocument.Failure) -> JSON? {
        var form = [("token", token), ("token_type_hint", "access_token")]
        var authorization: String?
        if metadata.takesSecretInForm {
            form += [("client_id", client), ("client_secret", secret)]
        } else {
            let pair = "\(FormText.encode(client)):\(FormText.encode(secret))"
            authorization = "Basic \(Data(pair.utf8).base64EncodedString())"
        }
        let answer = try await documents.post(form, to: url, authorization: authorization)
        guard let isActive = answer["active"]?.bool else {
            throw IssuerDocument.Failure("\(url) does not say whether the token is active")
        }
        return isActive ? answer : nil
    }

    private func current(after used: String?) throws(IssuerDocument.Failure) -> String {
        if let known = secret.withLock({ $0 }), known != used { return known }
        do {
            let text = try read()
            secret.withLock { $0 = text }
            return text
        } catch { throw IssuerDocument.Failure("the secret for introspection cannot be read: \(error)") }
    }

    private func refused(_ failure: IssuerDocument.Failure) -> IssuerDocument.Failure {
        guard failure.status == 401 || failure.status == 403 else { return failure }
        var failure = failure
        failure.description += ": it refuses oauth-introspection-client or its secret"
        return failure
    }
}

import FoundationEssentials
import NIOCore
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// The certificates that a server shows, and what becomes of the handshake.
struct CertificateEvidence: Sendable {
    struct Shown: Sendable {
        var subject: String
        var issuer: String
        var validFrom: Date
        var validUntil: Date
        /// Hosts that it is for.
        var names: [String] = []
        /// It says where its issuer's certificate is to be had, as those of public authorities do.
        var namesItsIssuer = false

        var isItsOwnIssuer: Bool { subject == issuer }
    }

    enum Verdict: Sendable, Equatable {
        case trusted
        /// Trusted, but not for this host.
        case otherHost
        case untrusted
        /// There is no handshake at all.
        case noHandshake(String)
    }

    /// The server's own first.
    var chain: [Shown] = []
    var verdict: Verdict
    /// It is trusted because an authority was named to the probe.
    var isTrustedHereOnly = false
    var now: Date
}

/// What the certificate says, and whether clients take it.
enum CertificateInquiry {
    static func run(_ caller: Caller, _ evidence: inout Evidence) async {
        let (target, client) = (caller.target, caller.client)
        guard target.scheme == "https" else { return }
        var found = CertificateEvidence(verdict: await verdict(of: target, client.tls), now: Date())
        if found.verdict == .trusted, !client.tls.additionalTrustRoots.isEmpty {
            var tls = client.tls
            tls.additionalTrustRoots = []
            found.isTrustedHereOnly = await verdict(of: target, tls) == .untrusted
        }
        if case .noHandshake = found.verdict {} else { found.chain = await shown(by: target, client.tls) }
        evidence.certificate = found
    }

    /// Whether TLS is spoken there, with whatever certificate.
    static func isSpoken(by target: ProbeTarget, _ client: ProbeClient) async -> Bool {
        await !shown(by: target, client.tls).isEmpty
    }

    private static func verdict(of target: ProbeTarget, _ tls: TLSConfiguration) async -> CertificateEvidence.Verdict {
        do {
            let channel = try await BareConnection.open(to: target, tls)
            try? await channel.close()
            return .trusted
        } catch let error as NIOSSLExtraError where error == .failedToValidateHostname {
            return .otherHost
        } catch let error as NIOSSLError where "\(error)".contains("CERTIFICATE_VERIFY_FAILED") {
            return .untrusted
        } catch {
            return .noHandshake(HTTPReply.Trouble(error).words)
        }
    }

    /// The chain as it comes, whatever is wrong with it.
    private static func shown(by target: ProbeTarget, _ tls: TLSConfiguration) async -> [CertificateEvidence.Shown] {
        let taken = Seen()
        var lenient = tls
        lenient.certificateVerification = .noHostnameVerification
        let channel = try? await BareConnection.open(to: target, lenient) { chain, promise in
            taken.keep(chain.compactMap { CertificateEvidence.Shown($0) })
            promise.succeed(.certificateVerified)
        }
        try? await channel?.close()
        return taken.all
    }

    private final class Seen: Sendable {
        private let chain = Mutex<[CertificateEvidence.Shown]>([])

        func keep(_ chain: [CertificateEvidence.Shown]) { self.chain.withLock { $0 = chain } }
        var all: [CertificateEvidence.Shown] { chain.withLock { $0 } }
    }
}

extension CertificateEvidence.Shown {
    fileprivate init?(_ shown: NIOSSLCertificate) {
        guard let bytes = try? shown.toDERBytes(), let certificate = try? Certificate(derEncoded: bytes) else {
            return nil
        }
        self.init(
            subject: Excerpt.of(certificate.subject.description, limit: 80),
            issuer: Excerpt.of(certificate.issuer.description, limit: 80),
            validFrom: certificate.notValidBefore, validUntil: certificate.notValidAfter)
        for name in (try? certificate.extensions.subjectAlternativeNames) ?? SubjectAlternativeNames() {
            switch name {
            case .dnsName(let host): names.append(Excerpt.of(host, limit: 80))
            case .ipAddress(let address) where address.bytes.count == 4:
                names.append(address.bytes.map(String.init).joined(separator: "."))
            default: break
            }
        }
        let places = (try? certificate.extensions.authorityInformationAccess) ?? AuthorityInformationAccess()
        namesItsIssuer = places.contains { $0.method == .issuingCA }
    }
}

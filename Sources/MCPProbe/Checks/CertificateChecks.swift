import FoundationEssentials

/// Whether clients take the certificate, and why not.
enum CertificateChecks {
    /// Those that no client forgives.
    static let fatal = ["tls.expired", "tls.host", "tls.chain", "tls.authority"]

    private static let day = 86_400.0

    static let all = [
        check(
            "tls.expired", "The certificate is out of date",
            why: "Clients refuse it from the second on.",
            remedy: "Renew it, and let a timer do so from now on. If it is valid, set this machine's clock."
        ) { found in
            // Of a chain that is trusted, only the server's own must be in date: the others were picked from it.
            let looked = found.verdict == .untrusted ? found.chain[...] : found.chain.prefix(1)
            return looked.enumerated().compactMap { place, shown in
                let whose = place == 0 ? "it" : "that of \(shown.subject) in its chain"
                if shown.validUntil < found.now {
                    return
                        "\(whose) expired on \(words(shown.validUntil)), \(days(from: shown.validUntil, to: found.now))"
                        + " ago"
                }
                if shown.validFrom > found.now {
                    return "\(whose) is not valid before \(words(shown.validFrom))"
                }
                return nil
            }
        },
        check(
            "tls.host", "The certificate is for another host",
            why: "Clients refuse a certificate that does not name the host of the URL.",
            remedy: "Have one made that names this host; or use a URL with a name that it has."
        ) { found in
            guard found.verdict == .otherHost else { return [] }
            let names = found.chain.first?.names ?? []
            return ["it is for " + (names.isEmpty ? "no host at all" : names.prefix(8).joined(separator: ", "))]
        },
        check(
            "tls.chain", "The certificate's chain is not whole",
            why:
                "Browsers fetch what is missing, and most other clients do not: the page opens, and the tools do not "
                + "appear.",
            remedy: "Serve the intermediate certificates as well, right after the server's own (fullchain.pem).",
            causes: ["tls.expired"]
        ) { found in
            guard found.verdict == .untrusted, let last = found.chain.last, !last.isItsOwnIssuer, last.namesItsIssuer
            else { return [] }
            let count = found.chain.count == 1 ? "one certificate" : "\(found.chain.count) certificates"
            return ["\(count) came; that of its issuer (\(last.issuer)) did not"]
        },
        check(
            "tls.authority", "No authority that clients know vouches for the certificate",
            why: "Clients go on with a certificate that they can verify, and with no other.",
            remedy:
                "Get one from an authority that is trusted everywhere, such as Let's Encrypt; for a server of your own "
                + "network, give clients the authority's certificate (here with --cacert).",
            causes: ["tls.expired", "tls.chain"]
        ) { found in
            guard found.verdict == .untrusted || found.isTrustedHereOnly, let own = found.chain.first else { return [] }
            if found.isTrustedHereOnly { return ["\(own.issuer) is trusted here because of --cacert"] }
            return [own.isItsOwnIssuer ? "it is signed by itself (\(own.subject))" : "its issuer is \(own.issuer)"]
        },
        Check(
            "tls.expiring", "The certificate expires soon", in: .certificate,
            did: "Read the dates of the certificate.",
            why: "What renews certificates by itself does so earlier. From that day on no client connects.",
            remedy: "Look why it was not renewed.", causes: ["tls.expired"]
        ) { evidence, _ in
            guard let found = evidence.certificate, let own = found.chain.first else { return .notExamined }
            let rest = own.validUntil.timeIntervalSince(found.now)
            // One that never lasts long is renewed when a third of its time is left.
            let lifetime = own.validUntil.timeIntervalSince(own.validFrom)
            guard rest > 0, rest < min(14 * day, lifetime / 3) else { return .fine }
            return .found("on \(words(own.validUntil)), in \(days(from: found.now, to: own.validUntil))")
        },
    ]

    private static func check(
        _ id: String, _ title: String, why: String, remedy: String, causes: [String] = [],
        judge: @escaping @Sendable (CertificateEvidence) -> [String]
    ) -> Check {
        Check(
            id, title, in: .certificate, did: "Looked at the certificate, and whether it is taken.", why: why,
            remedy: remedy, breaks: ProbedClient.everyone, causes: causes
        ) { evidence, _ in
            guard let found = evidence.certificate, !found.chain.isEmpty else { return .notExamined }
            let seen = judge(found)
            guard found.isTrustedHereOnly, evidence.target.isPrivate, !seen.isEmpty else { return .found(seen) }
            // On one's own network that is as it was meant.
            return .found(seen.joined(separator: "; "), breaks: [], weight: .note)
        }
    }

    private static func days(from: Date, to: Date) -> String {
        let count = Int(to.timeIntervalSince(from) / day)
        return switch count {
        case 0: "less than a day"
        case 1: "1 day"
        default: "\(count) days"
        }
    }

    private static func words(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }
}

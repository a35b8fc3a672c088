import MCPEngine

/// What should make a person look twice.
enum ConsentWarning {
    static func all(_ request: AuthorizationRequest) -> [String] {
        let client = request.client
        var warnings: [String] = []
        if request.redirect.place == .loopback {
            warnings.append(
                "This application runs on the computer in front of you. Any program there can call itself by this name: go "
                    + "on only if you have just asked for this yourself.")
        }
        if client.kind == .registered {
            warnings.append(
                "Nobody has checked who this application is. Go on only if you came from it just now, and if the address "
                    + "below is the one you expect.")
        }
        if client.kind == .document, request.redirect.place == .web,
            request.redirect.host != DocumentHosts.host(of: client.id)
        {
            warnings.append("You will be sent to another site than the one that vouches for this application.")
        }
        return warnings
    }
}

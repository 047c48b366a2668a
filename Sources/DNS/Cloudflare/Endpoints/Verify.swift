import Model

extension CloudflareProvider {
    /// Whether the credentials are good, for `landfall check`; throws the sentence that says what is wrong with them.
    ///
    /// `GET /user/tokens/verify`, with the global key `GET /user`. The former knows only a user's tokens: an account's
    /// token shows that it is good by listing zones.
    public func verify() async throws(ProviderError) {
        do throws(CloudflareError) {
            switch api.credentials {
            case .globalKey: let _: CloudflareEnvelope<Anything> = try await api.get("/user", for: .run)
            case .token: try await verifyToken()
            }
        } catch {
            throw error.explained(.verify, with: api.credentials)
        }
    }

    private func verifyToken() async throws(CloudflareError) {
        do throws(CloudflareError) {
            let token: CloudflareEnvelope<TokenStatus> = try await api.get("/user/tokens/verify", for: .run)
            guard token.result.status != "active" else { return }
            throw .refused(status: 403, [CloudflareMessage(code: 1000, message: token.result.status, chain: nil)])
        } catch .refused(let status, let messages) {
            let zones: CloudflareEnvelope<[Anything]>? = try? await api.get("/zones?page=1&per_page=5", for: .run)
            if zones == nil { throw .refused(status: status, messages) }
        }
    }
}

private struct TokenStatus: Decodable, Sendable {
    let status: String
}

/// A value whose shape does not matter.
private struct Anything: Decodable, Sendable {}

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
        } catch .refused {
            throw .unauthorized(api.credentials.notAccepted)
        } catch {
            throw error.explained(.verify, with: api.credentials)
        }
    }

    private func verifyToken() async throws(CloudflareError) {
        do throws(CloudflareError) {
            let token: CloudflareEnvelope<TokenStatus> = try await api.get("/user/tokens/verify", for: .run)
            guard token.result.status != "active" else { return }
        } catch {
            guard case .refused = error else { throw error }
        }
        let _: CloudflareEnvelope<[Anything]> = try await api.get("/zones?page=1&per_page=5", for: .run)
    }
}

private struct TokenStatus: Decodable, Sendable {
    let status: String
}

/// A value whose shape does not matter.
private struct Anything: Decodable, Sendable {}

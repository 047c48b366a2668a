import HTTPServer

/// The page, `Page/page.html`, which is embedded in the program.
enum StatusPage {
    /// - Parameter nonce: of this response alone; a browser runs and applies only what bears it.
    static func response(nonce: String) -> ServerResponse {
        let policy = """
            default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; \
            img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
            require-trusted-types-for 'script'; trusted-types 'none'
            """
        var response = ServerResponse.html(parts.joined(separator: nonce))
        response.headers["Content-Security-Policy"] = policy
        return response
    }

    /// The page without its nonces.
    private static let parts: [String] = {
        let text = String(decoding: PackageResources.page_html, as: UTF8.self)
        return text.split(separator: "{{nonce}}", omittingEmptySubsequences: false).map(String.init)
    }()
}

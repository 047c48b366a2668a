/// Certificates made by the openssl program, for comparing with what we read.
extension Scratch {
    /// Makes `NAME.key` and a self-signed `NAME.pem`.
    ///
    /// - Parameter key: openssl's arguments for its kind.
    func makeCertificate(
        _ name: String,
        names: [String],
        days: Int = 90,
        commonName: String = "test",
        key: [String] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    ) async throws {
        let alternatives = names.map { "DNS:\($0)" }.joined(separator: ",")
        try await run(
            ["openssl", "req", "-x509", "-nodes"] + key + [
                "-keyout", "\(name).key", "-out", "\(name).pem", "-days", "\(days)", "-subj", "/CN=\(commonName)",
                "-addext", alternatives.isEmpty ? "keyUsage=digitalSignature" : "subjectAltName=\(alternatives)",
            ]
        )
    }

    /// Lower-case hexadecimal.
    func fingerprint(_ name: String) async throws -> String {
        let line = try await run("openssl", "x509", "-in", "\(name).pem", "-noout", "-fingerprint", "-sha256")
        return line.split(separator: "=")[1].filter(\.isHexDigit).lowercased()
    }

    /// Puts a certificate and a key where certbot would: `live/LINEAGE` links into `archive/LINEAGE`.
    func store(_ certificate: String, key: String, as lineage: String, in folder: String = ".") async throws {
        try await run("mkdir", "-p", "\(folder)/live/\(lineage)", "\(folder)/archive/\(lineage)", "\(folder)/renewal")
        var configuration = "version = 2.1.0\n"
        for kind in ["cert", "chain", "fullchain", "privkey"] {
            let source = kind == "privkey" ? "\(key).key" : "\(certificate).pem"
            try await run("cp", source, "\(folder)/archive/\(lineage)/\(kind)1.pem")
            let link = "\(folder)/live/\(lineage)/\(kind).pem"
            try await run("ln", "-sfn", "../../archive/\(lineage)/\(kind)1.pem", link)
            configuration += "\(kind) = \(path)/\(link)\n"
        }
        try write(configuration + "[renewalparams]\n", to: "\(folder)/renewal/\(lineage).conf")
    }
}

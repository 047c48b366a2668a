/// Bytes in the alphabet that is safe in URLs, without padding (RFC 4648 §5).
struct Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    let text: String

    init(_ bytes: some Sequence<UInt8>) {
        var characters: [UInt8] = []
        var (pending, bits) = (0, 0)
        for byte in bytes {
            (pending, bits) = (pending << 8 | Int(byte), bits + 8)
            while bits >= 6 {
                bits -= 6
                characters.append(Self.alphabet[pending >> bits & 63])
            }
            pending &= 63
        }
        if bits > 0 { characters.append(Self.alphabet[pending << (6 - bits) & 63]) }
        text = String(decoding: characters, as: UTF8.self)
    }
}

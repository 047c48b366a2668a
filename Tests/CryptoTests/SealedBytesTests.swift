import Model
import Testing

@testable import Crypto

@Suite struct SealedBytesTests {
    private let secret = Secret("correct horse battery staple")

    @Test(arguments: [0, 1, 16, 500_000])
    func `what is sealed opens with the same secret, and differs each time`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = try SealedBytes.seal(bytes, with: secret)
        #expect(try SealedBytes.open(sealed, with: secret) == bytes)
        #expect(try SealedBytes.seal(bytes, with: secret) != sealed)
        #expect(SealedBytes.isSealed(sealed) && !SealedBytes.isSealed(bytes))
        #expect(sealed.count == count + 53)
    }

    @Test func `another secret, a changed byte anywhere and a cut are noticed`() throws {
        let sealed = try SealedBytes.seal(Array("the store".utf8), with: secret)
        #expect(throws: SealError.wrongSecret) { try SealedBytes.open(sealed, with: Secret("other")) }
        #expect(throws: SealError.wrongSecret) { try SealedBytes.open(sealed.dropLast(), with: secret) }
        for place in [9, 25, 37, sealed.count - 1] {
            var changed = sealed
            changed[place] ^= 1
            #expect(throws: SealError.wrongSecret) { try SealedBytes.open(changed, with: secret) }
        }
        for length in [9, 20, 36, 52] {
            #expect(throws: SealError.wrongSecret) { try SealedBytes.open(Array(sealed.prefix(length)), with: secret) }
        }
    }

    @Test func `what has no magic, and what a newer version wrote, is told`() throws {
        #expect(throws: SealError.notSealed) { try SealedBytes.open([], with: secret) }
        #expect(throws: SealError.notSealed) { try SealedBytes.open(Array("LANDFALL".utf8), with: secret) }
        let newer = Array("LANDFALL".utf8) + [2] + [UInt8](repeating: 0, count: 60)
        #expect(throws: SealError.unknownVersion(2)) { try SealedBytes.open(newer, with: secret) }
    }

    /// RFC 7914 §12.
    @Test(arguments: [
        (
            "password", "NaCl", Scrypt(cost: 1024, blockSize: 8, parallelization: 16),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d"
                + "8360cbdfa2cc0640"
        ),
        (
            "pleaseletmein", "SodiumChloride", Scrypt(cost: 16384),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40"
                + "dfcf017b45575887"
        ),
    ])
    func `scrypt gives the published keys`(secret: String, salt: String, scrypt: Scrypt, key: String) {
        #expect(scrypt.key(of: Array(secret.utf8), salt: Array(salt.utf8), length: 64).map(hexadecimal) == key)
    }

    /// Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)".
    @Test func `AES-256-GCM gives the published ciphertext and tag`() throws {
        let key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        let nonce = bytes("cafebabefacedbaddecaf888")
        let header = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let plain = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
                + "ba637b39"
        )
        let sealed = try #require(AES256GCM.seal(plain, key: key, nonce: nonce, header: header))
        #expect(
            hexadecimal(sealed)
                == "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba"
                + "7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
        )
        #expect(AES256GCM.open(sealed, key: key, nonce: nonce, header: header) == plain)
        #expect(AES256GCM.open(sealed, key: key, nonce: nonce, header: []) == nil)
    }

    private func bytes(_ hexadecimal: String) -> [UInt8] {
        stride(from: 0, to: hexadecimal.utf8.count, by: 2).compactMap { place in
            UInt8(String(hexadecimal.utf8.dropFirst(place).prefix(2)) ?? "", radix: 16)
        }
    }
}

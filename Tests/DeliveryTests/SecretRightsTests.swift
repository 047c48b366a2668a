import Docker
import Model
import Testing

@testable import Delivery

/// Whose private keys a label may ask for.
@Suite struct SecretRightsTests {
    private static let day = Timestamp(seconds: 1_780_315_200)

    private func certificate(_ lineage: String, _ names: String...) throws -> CertificateOnDisk {
        CertificateOnDisk(
            lineage: lineage,
            names: try names.map { try DomainName($0) },
            fingerprint: Fingerprint(hex: "00"),
            notBefore: Self.day,
            notAfter: Self.day,
            changed: Self.day
        )
    }

    private let service = Service(id: "s1", name: "shop_web", labels: [:])

    private func reason(
        _ certificate: CertificateOnDisk,
        own: [String],
        ordered: Set<String> = ["shop", "wildcard.shop.test"],
        served: [String]? = nil,
        allow: [String] = []
    ) throws -> String? {
        let rights = SecretRights(
            hosts: ["s1": Set(try own.map { try DomainName($0) }), "s2": [try DomainName("victim.test")]],
            lineages: [:],
            ordered: ordered,
            served: try served.map { Set(try $0.map { try DomainName($0) }) }
        )
        return rights.rejectionReason(certificate, for: service, allow.compactMap { SecretPermission($0) })
    }

    @Test func `a certificate for hosts of its own is a service's`() throws {
        let shop = try certificate("shop", "shop.test", "www.shop.test")
        #expect(try reason(shop, own: ["shop.test", "www.shop.test", "api.shop.test"]) == nil)
    }

    @Test func `one host of another service is one too many`() throws {
        let shop = try certificate("shop", "shop.test", "victim.test")
        #expect(
            try reason(shop, own: ["shop.test"])
                == "the certificate shop covers victim.test, which is not a host of this "
                + "service alone, or was not an hour ago; LANDFALL_SECRET_ALLOW=shop_web=shop allows it"
        )
        #expect(try reason(try certificate("victim.test", "victim.test"), own: []) != nil)
    }

    @Test func `a wildcard belongs to no service, even where its host is the service's`() throws {
        let wildcard = try certificate("wildcard.shop.test", "*.shop.test")
        #expect(try reason(wildcard, own: ["*.shop.test", "www.shop.test"])?.contains("every host below it") == true)
    }

    @Test func `a certificate of another program is not a service's by its name alone`() throws {
        let mail = try certificate("mail.shop.test", "mail.shop.test")
        #expect(try reason(mail, own: ["mail.shop.test"], served: [])?.contains("was not ordered by Landfall") == true)
        #expect(try reason(mail, own: ["mail.shop.test"], served: ["mail.shop.test"]) == nil)
        #expect(try reason(mail, own: ["mail.shop.test"], ordered: ["mail.shop.test"], served: []) == nil)
        // Where Landfall makes no records, nothing tells them apart.
        #expect(try reason(mail, own: ["mail.shop.test"]) == nil)
    }

    @Test func `one that covers no host belongs to no service`() throws {
        #expect(try reason(try certificate("shop"), own: ["shop.test"]) != nil)
    }

    @Test(arguments: ["wildcard.shop.test", " shop_web = wildcard.shop.test "])
    func `the owner may allow it`(permission: String) throws {
        let wildcard = try certificate("wildcard.shop.test", "*.shop.test")
        #expect(try reason(wildcard, own: [], allow: ["other", permission]) == nil)
    }

    @Test(arguments: ["other=wildcard.shop.test", "shop_web=other", "shop"])
    func `but not by another name, nor for another service`(permission: String) throws {
        let wildcard = try certificate("wildcard.shop.test", "*.shop.test")
        #expect(try reason(wildcard, own: [], allow: [permission]) != nil)
    }

    @Test(arguments: ["", "a=b=c", "=shop", "shop=", "../x", "web=../x", "*"])
    func `what names no certificate allows nothing`(text: String) { #expect(SecretPermission(text) == nil) }
}

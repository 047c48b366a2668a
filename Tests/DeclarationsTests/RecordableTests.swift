import Declarations
import Model
import TestSupport
import Testing

/// What recordings hold of what proxies are told.
@Suite(.limited(minutes: 1)) struct RecordableTests {
    @Test(arguments: try CorpusCase.all()) func `a recording holds what decides which hosts there are`(
        example: CorpusCase
    ) {
        let (found, recorded) = (example.read(), example.recorded().read())
        #expect(Set(found.hosts.map(\.name)) == Set(recorded.hosts.map(\.name)))
        #expect(Set(found.hosts.map(\.certificate)) == Set(recorded.hosts.map(\.certificate)))
        #expect(found.proxyCertificates == recorded.proxyCertificates)
        #expect(found.unused.count == recorded.unused.count)
    }

    @Test(arguments: [
        ("Host(`a.test`) && Header(`X-Token`, `s3cret`)", "Host(`a.test`) && Header(`x-xxxxx`, `xxxxxx`)"),
        ("Query(\"key\", \"s3cret\") || Path(`/a`)", "Query(\"xxx\", \"xxxxxx\") || Path(`/a`)"),
        ("Host:a.test;Headers:X-Token,s3cret", "Host:a.test;Headers:x-xxxxx,xxxxxx"),
        ("Host(`a.test`) && Header(`X", "Host(`a.test`) && Header(`x"),
        (#"Header("A","x\")s3cret") && Host(`a.test`)"#, #"Header("x","xx)xxxxxx") && Host(`a.test`)"#),
    ]) func `a rule is shown without what a request has to know`(rule: String, shown: String) {
        let unused = UnusedDeclaration(
            source: "traefik",
            place: .object(0),
            key: "rule",
            value: rule,
            reason: "it is wrong"
        )
        #expect(unused.value == shown)
    }

    @Test func `of Traefik's options only those are kept that decide which hosts there are`() {
        let options = TraefikOptions(
            "--providers.docker.exposedbydefault=false --certificatesresolvers.le.acme.eab.hmacencoded=s3cret --api "
                + "--providers.docker.password=s3cret --providers.swarm.endpoint=tcp://u:s3cret@h:1"
        )
        let kept = [
            "--api=", "--certificatesresolvers.le.acme.eab.hmacencoded=", "--providers.docker.exposedbydefault=false",
            "--providers.docker.password=", "--providers.swarm.endpoint=",
        ]
        #expect(options.text == kept.joined(separator: "\n"))
        #expect(TraefikOptions(options.text).text == options.text)
    }
}

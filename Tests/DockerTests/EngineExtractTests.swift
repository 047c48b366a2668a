import FoundationEssentials
import Ports
import Testing
import Transport
@testable import Docker

@Suite struct EngineExtractTests {
    private func extract(_ body: String, of path: String, status: Int = 200) -> String {
        let response = HTTPResponse(status: status, body: Array(body.utf8))
        let extract = EngineExtract.body(of: response, to: "http://docker/v1.41\(path)") {
            $0.filter { $0.key.hasPrefix("landfall.") }
        }
        return String(decoding: extract, as: UTF8.self)
    }

    @Test func `of a service its name, its image and the labels that are read are left`() {
        let body = """
            [{"ID":"s1","Version":{"Index":7},"Spec":{"Name":"web","Labels":{"landfall.host":"a.example","vault.key":"k1"},
            "TaskTemplate":{"ContainerSpec":{"Image":"db","Labels":{"landfall.signal":"HUP","other":"k2"},
            "Env":["DB_PASSWORD=k3"],"Args":["--password=k4"],"Mounts":[{"Source":"/k5"}]}}}}]
            """
        #expect(
            extract(body, of: "/services") == """
                [{"ID":"s1","Spec":{"Labels":{"landfall.host":"a.example"},"Name":"web",\
                "TaskTemplate":{"ContainerSpec":{"Image":"db","Labels":{"landfall.signal":"HUP"}}}},"Version":{"Index":7}}]
                """
        )
    }

    @Test func `of a container its name, its state and the labels that are read are left`() {
        let body = """
            [{"Id":"c1","Names":["/web"],"Image":"nginx","Command":"sh -c k1","State":"running","Status":"Up",
            "Labels":{"landfall.host":"a.example","vault.key":"k2"},"Mounts":[{"Source":"/k3"}]}]
            """
        #expect(
            extract(body, of: "/containers/json?all=true")
                == #"[{"Id":"c1","Labels":{"landfall.host":"a.example"},"Names":["/web"],"State":"running"}]"#
        )
        let details = #"{"Id":"c1","State":{"StartedAt":"t","Pid":1},"Config":{"Env":["DB_PASSWORD=k"]}}"#
        #expect(extract(details, of: "/containers/c1/json") == #"{"Config":{},"State":{"StartedAt":"t"}}"#)
    }

    @Test func `what is left reads as the whole did`() throws {
        let services = [
            Service(id: "s1", name: "web", labels: ["landfall.host": "a"], containerLabels: ["landfall.signal": "HUP"]),
            Service(id: "s2", name: "db", labels: [:]),
        ]
        let containers = [
            Container(id: "c1", name: "web", labels: ["landfall.host": "a"], state: "exited"),
            Container(id: "c2", name: "db", labels: [:]),
        ]
        #expect(try JSONDecoder().decode([Service].self, from: JSONEncoder().encode(services)) == services)
        #expect(try JSONDecoder().decode([Container].self, from: JSONEncoder().encode(containers)) == containers)
        let info = #"{"Swarm":{"Cluster":{"ID":"k"},"ControlAvailable":true,"LocalNodeState":"active"}}"#
        #expect(extract(info, of: "/info") == info)
    }

    @Test func `nothing is left of an answer that Landfall does not read`() {
        #expect(extract(#"{"Secrets":["k1"]}"#, of: "/configs") == "")
        #expect(extract("OK", of: "/_ping") == "")
        #expect(extract(#"[{"ID":"s1"}]"#, of: "/plugins/s1") == "")
    }

    @Test(arguments: [
        #"[{"ID":"s1","Spec":{"TaskTemplate":{"Env":["DB_PASSWORD=k1"]}}}"#, #"{"Env":["DB_PASSWORD=k1"]}"#,
        "<html>k1</html>", "", "no quorum",
    ])
    func `an unreadable answer has the same excerpt before and after`(body: String) {
        for status in [200, 500] {
            let left = extract(body, of: "/services", status: status)
            #expect(!left.contains("k1"))
            let before = Excerpt(of: HTTPResponse(status: status, body: Array(body.utf8)))
            let after = Excerpt(of: HTTPResponse(status: status, body: Array(left.utf8)))
            #expect("\(before)" == "\(after)")
            #expect((try? JSONDecoder().decode([Service].self, from: Data(left.utf8))) == nil)
        }
    }

    @Test func `an error message of the engine is left`() {
        #expect(
            extract(#"{"message":"no such container","x":1}"#, of: "/services", status: 404)
                == #"{"message":"no such container"}"#
        )
    }
}

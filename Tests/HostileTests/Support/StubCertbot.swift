/// A program in certbot's place: it stores what it is asked for, signed by itself, as certbot does, and notes its orders.
struct StubCertbot: Sendable {
    private let fixture: HostileFixture

    init(_ fixture: HostileFixture) async throws {
        self.fixture = fixture
        try await fixture.writeProgram(Self.script(fixture.path), to: "certbot")
    }

    /// For Landfall to order certificates with it.
    var variables: [String: String] {
        ["LANDFALL_CERTIFICATES": "on", "CERTBOT_PROGRAM": "\(fixture.path)/certbot"]
    }

    /// The names of the certificates that were ordered, in their order.
    var orders: [String] { (fixture.text("orders") ?? "").split(separator: "\n").map { String($0) } }

    /// Stores a certificate without Landfall, or a new one in its place.
    func store(_ lineage: String, _ names: String...) async throws {
        let command = #"STUB_SILENT=1 exec "$0" certonly --config-dir "$1" --cert-name "$2" $3"#
        let words = names.map { "-d \($0)" }.joined(separator: " ")
        // A name may be a wildcard, which is not to be expanded.
        let shell = ["/bin/sh", "-f", "-c", command, "\(fixture.path)/certbot"]
        try await fixture.runProgram(shell + [fixture.certificates, lineage, words])
    }

    private static func script(_ folder: String) -> String {
        #"""
        #!/bin/sh
        set -e
        command=$1
        [ "$command" = --version ] && echo certbot 2.1.0
        while [ $# -gt 0 ]; do
            case $1 in
            --cert-name) name=$2 ;;
            -d) names="$names,DNS:$2" ;;
            --config-dir) config=$2 ;;
            --server) server=$2 ;;
            esac
            shift
        done
        case $command in
        register)
            mkdir -p "$config/accounts/${server#https://}/1"
            echo '{}' >"$config/accounts/${server#https://}/1/regr.json"
            ;;
        certonly)
            [ "$STUB_SILENT" ] || echo "$name" >>\#(folder)/orders
            mkdir -p "$config/archive/$name" "$config/live/$name" "$config/renewal"
            archive=$config/archive/$name
            number=$(($(ls "$archive" | wc -l) / 4 + 1))
            openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 90 -subj /CN=stub \
                -addext "subjectAltName=${names#,}" \
                -keyout "$archive/privkey$number.pem" -out "$archive/cert$number.pem"
            cp "$archive/cert$number.pem" "$archive/chain$number.pem"
            cp "$archive/cert$number.pem" "$archive/fullchain$number.pem"
            echo "version = 2.1.0" >"$config/renewal/$name.conf"
            for kind in cert chain fullchain privkey; do
                ln -sfn "../../archive/$name/$kind$number.pem" "$config/live/$name/$kind.pem"
                echo "$kind = $config/live/$name/$kind.pem" >>"$config/renewal/$name.conf"
            done
            printf '[renewalparams]\nserver = %s\n' "$server" >>"$config/renewal/$name.conf"
            ;;
        esac

        """#
    }
}
